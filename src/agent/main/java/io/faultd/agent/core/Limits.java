package io.faultd.agent.core;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

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

  private final @Nullable Share share;
  private final long count;
  private final AtomicLong hits = new AtomicLong();

  private Limits(int percent, long count) {
    this.share = percent == HUNDRED ? null : new Share(percent);
    this.count = count;
  }

  static Limits of(Flags flags) throws Refusal {
    int percent = (int) flags.number("effect-percent", 0, HUNDRED, HUNDRED);
    return new Limits(percent, flags.number("effect-count", 1, Long.MAX_VALUE, Long.MAX_VALUE));
  }

  /** The calls that {@code effect-percent} means; null if it means all. */
  @Nullable Share share() {
    return share;
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

  boolean spent() {
    return hits.get() >= count;
  }

  long hits() {
    return hits.get();
  }

  /**
   * Which calls are struck of all: their number. Itself the counter, because each step on the way
   * to it is waited for behind the atomic addition of the call before.
   */
  static final class Share extends AtomicLong {
    private static final long serialVersionUID = 1;

    /** Without a common divisor with 100: each goes through all of a hundred. */
    private static final int[] STRIDES = {37, 63, 13, 71, 29, 87, 53, 91, 17, 43};

    /** After so many calls the same ones are chosen again. */
    private static final int PERIOD = 100 * HUNDRED;

    /** The calls of a period that are chosen, a bit for each. */
    private final long[] turns = new long[PERIOD / Long.SIZE + 1];

    Share(int percent) {
      for (int call = 0; call < PERIOD; call++) {
        int block = call / HUNDRED;
        int stride = STRIDES[block % STRIDES.length];
        if ((call % HUNDRED * stride + block * 7) % HUNDRED < percent) {
          turns[call / Long.SIZE] |= 1L << call;
        }
      }
    }

    /** Whether it means this call. */
    boolean turn() {
      long[] all = turns;
      int call = (int) (getAndIncrement() % PERIOD);
      return (all[call / Long.SIZE] >>> call & 1) != 0;
    }
  }
}
