package io.faultd.linux.tc;

import java.util.Base64;

/**
 * What one experiment does to some of the packets that leave by an interface.
 *
 * @param slot its place among those of the interface, from 0 to {@link #MOST} - 1
 * @param predicate tells which packets: a {@link Program}, in base 64, that reads a packet and at
 *     its end has 1 in A for one of them and 0 for another; uses cells of memory from 1 on
 * @param rate at most so many bytes in a second; 0: as many as there are
 * @param burst how many bytes may go at once before the rate is kept
 * @param delay how long each is held, in nanoseconds
 * @param jitter how much that varies to either side, in nanoseconds
 * @param loss which part is lost, from 0 to 1
 */
public record Band(
    int slot, String predicate, long rate, long burst, long delay, long jitter, double loss) {
  /** So many fit on an interface. */
  public static final int MOST = 12;

  /** So many that delay or lose: each combination of them is a queue of its own. */
  public static final int MOST_IMPAIRING = 5;

  /**
   * As much as the jitters of all on an interface may be together, in nanoseconds: of more the
   * kernel takes only this (sch_netem.c, since Linux 5.10).
   */
  public static final long MOST_JITTER = Integer.MAX_VALUE;

  /** Whether it limits the rate; else it delays or loses. */
  public boolean limits() {
    return rate > 0;
  }

  /** In a few words, for people. */
  public String describe() {
    if (limits()) {
      return "at most %d bit/s".formatted(rate * 8);
    }
    StringBuilder text = new StringBuilder();
    if (delay > 0 || jitter > 0) {
      text.append("held for %s ms".formatted(millis(delay)));
      text.append(jitter > 0 ? " +- " + millis(jitter) + " ms" : "");
    }
    if (loss > 0) {
      text.append(text.isEmpty() ? "" : ", ").append("%s %% lost".formatted(loss * 100));
    }
    return text.toString();
  }

  private static String millis(long nanos) {
    return java.math.BigDecimal.valueOf(nanos, 6).stripTrailingZeros().toPlainString();
  }

  int bit() {
    return 1 << slot;
  }

  byte[] program() {
    return Base64.getDecoder().decode(predicate);
  }
}
