package io.faultd.os.network;

import io.faultd.linux.nfqueue.DelayLine;

/**
 * Packets that found a queue full and went by it. The kernel does not count them, but what was
 * handed over and has not come did not go into the queue.
 *
 * <p>What is handed over as one packet may come as many, for the kernel cuts up what programs send
 * at once. So what came in all says nothing; only what has come less from one look to a later one
 * does. Nor does what has not come yet: on a busy node it is in a socket of ours for seconds.
 */
final class Bypass {
  /** Longer than a packet is on its way from a rule to the queue, on a busy node, too. */
  private static final long UNDER_WAY_NANOS = 400_000_000L;

  private long handed;
  private long handedAt;

  /** At most so many had not come when no more had gone by than are counted. */
  private long lacking;

  private long counted;
  private long missed;

  /**
   * None yet.
   *
   * @param time {@link System#nanoTime}
   */
  Bypass(long time) {
    handedAt = time;
  }

  /**
   * Looks again.
   *
   * @param now what has come
   * @param hits what was handed over, looked at after that
   * @param time {@link System#nanoTime}, looked at after that
   * @return whether there are more than before
   */
  boolean grown(DelayLine.Report now, long hits, long time) {
    long before = packets();
    missed = now.missed();
    if (now.drained() - handedAt > UNDER_WAY_NANOS) {
      long least = handed - now.received();
      if (least > lacking) {
        counted += least - lacking;
        lacking = least;
      }
      handed = hits;
      handedAt = time;
    }
    lacking = Math.min(lacking, hits - now.received());
    return packets() > before;
  }

  /** At least so many. */
  long packets() {
    return Math.max(missed, counted);
  }
}
