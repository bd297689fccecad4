package io.faultd.linux.nfqueue;

import io.faultd.linux.Errno;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * Sends packets in the order in which they are given, each by a socket of the user and group that
 * it came from: rules of others ask for these. Opens what it needs when it needs it, and is used by
 * one thread but for what it tells.
 */
final class Senders implements AutoCloseable {
  /** There is none for such packets. */
  static final int NONE = -1;

  private static final Logger LOG = System.getLogger(Senders.class.getName());

  /** Of more owners packets are held where they are. */
  private static final int MOST = 64;

  private final Sender.Place place;
  private final Stash stash;
  private final long[] owners = new long[MOST];
  private final Pair[] pairs = new Pair[MOST];
  private volatile int count;
  private int last;

  /**
   * Those of one owner.
   *
   * @param narrow for IPv4; absent if it cannot be
   * @param wide for IPv6; absent if the kernel has none
   */
  private record Pair(@Nullable Sender narrow, @Nullable Sender wide) {
    @Nullable Sender of(boolean six) {
      return six ? wide : narrow;
    }

    void flush() {
      if (narrow != null) {
        narrow.flush();
      }
      if (wide != null) {
        wide.flush();
      }
    }

    long failed() {
      return (narrow == null ? 0 : narrow.failed()) + (wide == null ? 0 : wide.failed());
    }

    Errno error() {
      return wide != null && wide.failed() > 0 || narrow == null
          ? wide == null ? Errno.UNKNOWN : wide.error()
          : narrow.error();
    }
  }

  private Senders(Sender.Place place, Stash stash) {
    this.place = place;
    this.stash = stash;
  }

  /** With those of root. */
  static Senders open(Sender.Place place, Stash stash) throws IOException {
    Senders made = new Senders(place, stash);
    made.add(Owner.ROOT, new Pair(Sender.open(place, false, Owner.ROOT, stash), made.wide(0)));
    return made;
  }

  private @Nullable Sender wide(long owner) {
    try {
      return Sender.open(place, true, owner, stash);
    } catch (IOException noIpv6) {
      LOG.log(Level.DEBUG, "IPv6 is off: {0}", noIpv6.getMessage());
      return null;
    }
  }

  /** Which one sends packets of an owner; or {@link #NONE}. */
  int of(long owner, boolean six) {
    int found = 0;
    while (found < count && owners[found] != owner) {
      found++;
    }
    if (found == MOST) {
      return NONE;
    }
    if (found == count) {
      add(owner, new Pair(narrow(owner), wide(owner)));
    }
    return pairs[found].of(six) == null ? NONE : found;
  }

  private @Nullable Sender narrow(long owner) {
    try {
      return Sender.open(place, false, owner, stash);
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "no socket of another owner: {0}", e.getMessage());
      return null;
    }
  }

  private void add(long owner, Pair pair) {
    owners[count] = owner;
    pairs[count] = pair;
    count = count + 1; // by one thread only
  }

  /** Takes a packet out of the stash, to be sent at the next {@link #flush} at the latest. */
  void send(int number) {
    int which = stash.sender(number);
    if (which != last) { // the end of a connection may be nobody's, and stays behind the rest
      pairs[last].flush();
      last = which;
    }
    Sender sender = pairs[which].of(stash.octet(number, 0) >> 4 == 6);
    if (sender != null) {
      sender.send(number);
    }
  }

  /** Sends what has come together. */
  void flush() {
    pairs[last].flush();
  }

  /** How many could not be sent. */
  long failed() {
    long sum = 0;
    for (int i = 0; i < count; i++) {
      sum += pairs[i].failed();
    }
    return sum;
  }

  /** Why one of them could not. */
  Errno error() {
    Errno error = Errno.UNKNOWN;
    for (int i = 0; i < count; i++) {
      error = pairs[i].failed() > 0 ? pairs[i].error() : error;
    }
    return error;
  }

  @Override
  public void close() {
    for (int i = 0; i < count; i++) {
      close(pairs[i].narrow());
      close(pairs[i].wide());
    }
  }

  private static void close(@Nullable Sender sender) {
    if (sender != null) {
      sender.close();
    }
  }
}
