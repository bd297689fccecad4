package io.faultd.linux.nfqueue;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * Lets packets go only so fast, as sch_htb does with those that go out: they wait for each other,
 * and are lost when too many wait.
 */
public final class Throttle implements Pace {
  /** The header of Ethernet in bytes, which sch_htb counts, too. */
  public static final int LINK = 14;

  /** As many as wait in a queue of sch_htb of ours. */
  private static final int MOST = 1000;

  private final double nanosForByte;
  private final long full;
  private long spent;
  private boolean begun;

  /**
   * One of which all may go at once that fits into the burst.
   *
   * @param rate bytes in a second
   * @param burst bytes
   */
  public Throttle(long rate, long burst) {
    this.nanosForByte = (double) TimeUnit.SECONDS.toNanos(1) / rate;
    this.full = Math.round(burst * nanosForByte);
  }

  @Override
  public long due(long now, int length, int waiting, SplittableRandom random) {
    if (waiting >= MOST) {
      return NEVER;
    }
    // of what was not used, no more is kept than the burst
    if (!begun || spent - (now - full) < 0) {
      spent = now - full;
      begun = true;
    }
    spent += Math.round((length + LINK) * nanosForByte);
    return spent - now < 0 ? now : spent;
  }
}
