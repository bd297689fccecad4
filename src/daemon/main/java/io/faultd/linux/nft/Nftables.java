package io.faultd.linux.nft;

import io.faultd.linux.Errno;
import io.faultd.linux.Finding;
import io.faultd.linux.netlink.Answer;
import io.faultd.linux.netlink.Attributes;
import io.faultd.linux.netlink.Netlink;
import io.faultd.linux.netlink.NetlinkException;
import io.faultd.linux.netlink.Protocol;
import io.faultd.linux.netlink.Reserve;
import io.faultd.linux.ns.Network;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A conversation with the nf_tables of one network namespace. The tables that it makes end with it.
 *
 * <p>One thread at a time; any platform thread.
 */
public final class Nftables implements AutoCloseable {
  private static final int GET_TABLE = 1;
  private static final int GET_RULE = 7;
  private static final int HEADER = 4;
  private static final int OWNER = 2;
  private static final int SEND = 4 << 20;
  private static final int RECEIVE = 4 << 20;

  /** Nobody's: a transaction that deletes it always fails, and leaves nothing. */
  private static final Table NONE = new Table(Table.INET, "faultd-none", false);

  private static final ConcurrentHashMap<String, Finding<Optional<String>>> TRIED =
      new ConcurrentHashMap<>();

  private static final Reserve RESERVE = new Reserve(SEND, RECEIVE, 8);

  private final Netlink netlink;
  private final Reserve.@Nullable Lent lent;

  private Nftables(Netlink netlink, Reserve.@Nullable Lent lent) {
    this.netlink = netlink;
    this.lent = lent;
  }

  /**
   * Begins a conversation.
   *
   * @param network the nsfs file of the namespace
   */
  public static Nftables open(String network) throws IOException {
    return new Nftables(Netlink.open(Protocol.NETFILTER, network).buffers(SEND, RECEIVE), null);
  }

  /**
   * Begins one that is to be ended by {@link #end}, which is quicker than to close it.
   *
   * @param network the nsfs file of the namespace
   */
  public static Nftables lasting(String network) throws IOException {
    try (Network held = Network.open(network)) {
      Reserve.Lent lent = RESERVE.take(held);
      return new Nftables(lent.netlink(), lent);
    }
  }

  /**
   * Ends it with the only inet table that it has made. When this returns no packet comes to the
   * table any more and nobody sees it; the kernel frees it a moment later.
   */
  public void end(String table) {
    Reserve.Lent given = lent;
    try {
      commit(new Transaction().delete(new Table(Table.INET, table, true)));
    } catch (IOException e) {
      given = null; // it never was, or the socket has failed: what there is goes with it
    }
    if (given == null) {
      close();
    } else {
      given.giveBack();
    }
  }

  /**
   * Makes changes, all or none.
   *
   * @throws NetlinkException about the one that the kernel refused
   */
  public void commit(Transaction transaction) throws IOException {
    netlink.send(transaction.batch());
  }

  /** All tables of the namespace, of every family. */
  public List<Table> tables() throws IOException {
    List<Table> tables = new ArrayList<>();
    for (Answer answer :
        netlink.dump(
            Netlink.asking(
                "list tables",
                Transaction.type(GET_TABLE),
                message -> Transaction.header(message, 0, 0)))) {
      Attributes table = answer.attributes(HEADER);
      boolean owned = table.has(2) && (table.be32(2) & OWNER) != 0;
      tables.add(new Table(answer.header().get(0), table.text(1), owned));
    }
    return tables;
  }

  /** What the rules of an inet table have counted, in order; none if there is no such table. */
  public List<Count> counts(String table) throws IOException {
    List<Count> counts = new ArrayList<>();
    for (Answer answer : rules(table)) {
      Attributes rule = answer.attributes(HEADER);
      if (!rule.has(4)) {
        continue;
      }
      for (Attributes.Attribute each : rule.nested(4).all()) {
        Attributes expression = each.nested();
        if (expression.text(1).equals("counter")) {
          Attributes data = expression.nested(2);
          counts.add(new Count(rule.text(2), data.be64(2), data.be64(1)));
        }
      }
    }
    return counts;
  }

  private List<Answer> rules(String table) throws IOException {
    try {
      return netlink.dump(
          Netlink.asking(
              "list rules of " + table,
              Transaction.type(GET_RULE),
              message -> Transaction.header(message, Table.INET, 0).text(1, table)));
    } catch (NetlinkException e) {
      if (e.is(Errno.ENOENT)) { // most kernels list nothing
        return List.of();
      }
      throw e;
    }
  }

  /** What this kernel lacks for tables of ours, as a sentence for people; empty if nothing. */
  public static Optional<String> missing() {
    return lacks(List.of(new Expression.Counter()), "nf_tables");
  }

  /** What this kernel lacks to give packets away by chance. */
  public static Optional<String> missingRandom() {
    return lacks(List.of(new Expression.Random(2), new Expression.BigEndian()), "nft_numgen");
  }

  /** What this kernel lacks to find bytes in packets. */
  public static Optional<String> missingContains() {
    return lacks(
        List.of(new Expression.Contains(new byte[] {1})), "xt_string, used through nft_compat");
  }

  /** How this kernel queues packets; empty if it does not. */
  public static Optional<Expression.Queue.Way> queueing() {
    for (Expression.Queue.Way way : Expression.Queue.Way.values()) {
      if (lacks(List.of(new Expression.Queue(0, true, way)), way.name()).isEmpty()) {
        return Optional.of(way);
      }
    }
    return Optional.empty();
  }

  /** What this kernel lacks to hand packets to a queue. */
  public static Optional<String> missingQueue() {
    return queueing().isPresent()
        ? Optional.empty()
        : Optional.of("the kernel has neither nft_queue nor xt_NFQUEUE with nft_compat");
  }

  /** Tries a rule in a transaction that cannot succeed; once for each kind of rule. */
  private static Optional<String> lacks(List<Expression> parts, String module) {
    return TRIED
        .computeIfAbsent(
            module,
            name ->
                new Finding<>(
                    () -> tried(parts),
                    e ->
                        Optional.of(
                            Finding.shortage(e)
                                ? "it cannot be tried whether the kernel has %s: %s"
                                    .formatted(name, e.getMessage())
                                : "the kernel has no %s: %s".formatted(name, e.getMessage()))))
        .get();
  }

  private static Optional<String> tried(List<Expression> parts) throws IOException {
    Transaction trial =
        new Transaction()
            .table("faultd-trial")
            .chain("faultd-trial", "trial")
            .rule("faultd-trial", "trial", parts)
            .delete(NONE);
    try (Nftables nftables = open(Network.OWN)) {
      nftables.commit(trial);
      return Optional.of("nf_tables deletes what is not there"); // cannot be
    } catch (NetlinkException e) {
      if (e.what().startsWith("delete") && e.is(Errno.ENOENT)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Ends the conversation, and with it the tables that were made by it. */
  @Override
  public void close() {
    netlink.close();
  }
}
