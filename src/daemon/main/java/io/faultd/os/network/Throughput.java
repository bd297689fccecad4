package io.faultd.os.network;

import io.faultd.linux.nfqueue.Throttle;
import org.jspecify.annotations.Nullable;

/**
 * How fast packets go, in bits in a second: what was counted of them from one look to a later one.
 */
final class Throughput {
  /** Of so many a packet more or less, as one look finds it and the next does not, is little. */
  private static final int PACKETS = 20;

  private static final int PACKET = 1_500 + Throttle.LINK;
  private static final double SECOND = 1e9;
  private static final double BITS = 8;
  private static final long LONGEST = 30;

  private final long apart;
  private long counted;
  private long since;
  private @Nullable Double seen;

  /**
   * Nothing has gone yet.
   *
   * @param limit how fast they may go, in bits in a second
   * @param time {@link System#nanoTime}
   */
  Throughput(double limit, long time) {
    double seconds = Math.clamp(PACKETS * PACKET * BITS / limit, 1, LONGEST);
    this.apart = (long) (seconds * SECOND);
    this.since = time;
  }

  /**
   * Looks again.
   *
   * @param bytes that have gone in all, with the header of the link
   * @param time {@link System#nanoTime}
   * @return absent if nothing has gone, or it is too early to tell
   */
  @Nullable Double look(long bytes, long time) {
    if (bytes < counted) { // some of what counted is gone
      counted = bytes;
      since = time;
    } else if (time - since >= apart) {
      seen = bytes == counted ? null : (bytes - counted) * BITS * SECOND / (time - since);
      counted = bytes;
      since = time;
    }
    return seen;
  }

  /** Of two that may each go so fast, the faster one. */
  static @Nullable Double faster(@Nullable Double one, @Nullable Double other) {
    return one == null || other != null && other > one ? other : one;
  }
}
