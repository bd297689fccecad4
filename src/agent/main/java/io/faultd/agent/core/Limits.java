package io.faultd.agent.core;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many of the calls that a rule is about it strikes: {@code effect-percent} of them, up to
 * {@code effect-count}.
 *
 * <p>Both are exact. Of each hundred calls precisely as many are struck as asked, and which of them
 * changes from hundred to hundred, so that no rhythm of the application falls into step with it.
 *
 * <p>A call that this agent makes itself, of a method of the JDK, has its turn, too, and is not
 * struck: to know beforehand whose call it is, each call would have to look at its thread, and
 * leave an entry there.
 */
final class Limits {
  private static final int HUNDRED = 100;

  /** Without a common divisor with 100: each goes through all of a hundred. */
  private static final int[] STRIDES = {37, 63, 13, 71, 29, 87, 53, 91, 17, 43};

  private final int percent;
  private final long count;
  private final AtomicLong calls = new AtomicLong();
  private final AtomicLong hits = new AtomicLong();

  private Limits(int percent, long count) {
    this.percent = percent;
    this.count = count;
  }

  static Limits of(Flags flags) throws Refusal {
    int percent = (int) flags.number("effect-percent", 0, HUNDRED, HUNDRED);
    return new Limits(percent, flags.number("effect-count", 1, Long.MAX_VALUE, Long.MAX_VALUE));
  }

  /** Whether {@code effect-percent} means this call. */
  boolean turn() {
    return percent == HUNDRED || chosen(calls.getAndIncrement());
  }

  /** Whether this call, whose turn it is, is struck; if so it has been counted. */
  boolean take() {
    while (true) {
      long before = hits.get();
      if (before >= count) {
        return false;
      }
      if (hits.compareAndSet(before, before + 1)) {
        return true;
      }
    }
  }

  private boolean chosen(long call) {
    long block = call / HUNDRED;
    long place = call % HUNDRED;
    long stride = STRIDES[(int) (block % STRIDES.length)];
    return (place * stride + block * 7) % HUNDRED < percent;
  }

  boolean spent() {
    return hits.get() >= count;
  }

  long hits() {
    return hits.get();
  }
}
