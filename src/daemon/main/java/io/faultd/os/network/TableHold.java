package io.faultd.os.network;

import io.faultd.fault.Effect;
import io.faultd.fault.Effect.State;
import io.faultd.fault.Hold;
import io.faultd.linux.nft.Count;
import io.faultd.linux.nft.Nftables;
import io.faultd.linux.nft.Transaction;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table of ours in a network namespace, which ends with the socket that is held here: when it is
 * closed, and when the daemon dies.
 */
final class TableHold implements Hold {
  private final String table;
  private final @Nullable Double percent;
  private final Instant since = Instant.now();
  private @Nullable Nftables nftables;
  private @Nullable Named named;
  private @Nullable Instant lessSince;
  private Effect seen = Effect.of(State.SETTLED, since);
  private @Nullable Effect gone;

  /** Nothing yet. */
  TableHold(String table) {
    this(table, null);
  }

  /**
   * Nothing yet.
   *
   * @param percent how many of the packets are to be hit; absent: all
   */
  TableHold(String table, @Nullable Double percent) {
    this.table = table;
    this.percent = percent;
  }

  /**
   * Makes the table.
   *
   * @param network the nsfs file of the namespace
   * @param interfaces that its rules name
   * @param making the changes that make it
   */
  synchronized void open(String network, List<String> interfaces, Transaction making)
      throws IOException {
    named = Named.of(network, interfaces);
    Nftables opened = Nftables.lasting(network);
    nftables = opened;
    opened.commit(making);
  }

  /** What its rules have counted; none if it is not there. */
  synchronized List<Count> counts() throws IOException {
    return nftables == null ? List.of() : nftables.counts(table);
  }

  @Override
  public synchronized Effect effect() {
    Effect last = gone;
    if (last != null) {
      return last;
    }
    String why = "the nftables table " + table + " was taken away by others";
    try {
      List<Count> counts = counts();
      if (!counts.isEmpty()) {
        Named interfaces = named;
        List<String> missing = interfaces == null ? List.of() : interfaces.missing();
        if (interfaces == null || !interfaces.all(missing)) {
          seen = missing.isEmpty() ? settled(counts) : less(settled(counts), missing);
          return seen;
        }
        why = "target-gone: " + lost(missing);
      }
    } catch (IOException e) { // which says nothing about the table
      String unread = "the nftables table " + table + " cannot be read: " + e.getMessage();
      return new Effect(
          State.DEGRADED,
          seen.asked(),
          seen.achieved(),
          seen.unit(),
          seen.hits(),
          seen.bytes(),
          Instant.now(),
          unread);
    }
    gone = new Effect(State.GONE, null, null, null, null, Instant.now(), why);
    return gone;
  }

  private Effect less(Effect all, List<String> missing) {
    Instant from = lessSince == null ? Instant.now() : lessSince;
    lessSince = from;
    return new Effect(
        State.DEGRADED,
        all.asked(),
        all.achieved(),
        all.unit(),
        all.hits(),
        all.bytes(),
        from,
        lost(missing));
  }

  private static String lost(List<String> missing) {
    return "there is no interface %s any more".formatted(String.join(", ", missing));
  }

  private Effect settled(List<Count> counts) {
    Double asked = percent;
    if (asked == null || Loss.certain(asked)) {
      long hits = counts.stream().mapToLong(Count::packets).sum();
      long bytes = counts.stream().mapToLong(Count::bytes).sum();
      Double achieved = asked == null || hits == 0 ? null : 100.0;
      return new Effect(State.SETTLED, asked, achieved, unit(asked), hits, bytes, since, null);
    }
    // in each rule one counter of what could be hit, and one of what was
    long seen = 0;
    long hits = 0;
    long bytes = 0;
    for (int i = 0; i < counts.size(); i += 2) {
      seen += counts.get(i).packets();
      hits += counts.get(i + 1).packets();
      bytes += counts.get(i + 1).bytes();
    }
    Double achieved = seen == 0 ? null : 100.0 * hits / seen;
    return new Effect(State.SETTLED, asked, achieved, "%", hits, bytes, since, null);
  }

  private static @Nullable String unit(@Nullable Double asked) {
    return asked == null ? null : "%";
  }

  @Override
  public synchronized void close() {
    if (nftables != null) {
      nftables.end(table);
      nftables = null;
    }
    if (named != null) {
      named.close();
      named = null;
    }
  }
}
