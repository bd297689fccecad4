package io.faultd.linux.nfqueue;

import java.util.SplittableRandom;

/** Says of each packet that comes when it is to go. Asked by one thread. */
public interface Pace {
  /** What {@link #due} says of one that is lost. */
  long NEVER = Long.MIN_VALUE;

  /**
   * When a packet is to go.
   *
   * @param now as System.nanoTime has it
   * @param length in bytes, IP header included
   * @param waiting how many there are already
   * @param random where chance decides
   * @return as System.nanoTime has it, or {@link #NEVER}
   */
  long due(long now, int length, int waiting, SplittableRandom random);
}
