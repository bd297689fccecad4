package io.faultd.experiment;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * The wall clock, for what is forgotten by it. One that is set ahead by a step (a clock of the
 * board, a server that is wrong) is not believed before it has stood so for a day: until then time
 * goes on from where it was. Thread-safe.
 */
public final class Calm {
  private static final Duration STEP = Duration.ofMinutes(5);
  private static final Duration DAY = Duration.ofDays(1);

  private final Time time;
  private Duration lead;
  private Duration doubted = Duration.ZERO;
  private long since;

  /** Calm about all steps from now on. */
  public Calm(Time time) {
    this.time = time;
    this.lead = lead();
  }

  /** How far the wall clock is before the one that nobody sets. */
  private Duration lead() {
    return Duration.between(Instant.EPOCH, time.now()).minusNanos(time.boottime());
  }

  /** What time it is. */
  public synchronized Instant now() {
    Duration present = lead();
    Duration step = present.minus(lead);
    lead = present;
    if (step.compareTo(STEP) > 0) {
      doubted = doubted.plus(step);
      since = time.boottime();
    } else if (step.compareTo(STEP.negated()) < 0) {
      Duration left = doubted.plus(step); // set right again, or by so much
      doubted = left.isNegative() ? Duration.ZERO : left;
    } else if (TimeUnit.NANOSECONDS.toDays(time.boottime() - since) >= DAY.toDays()) {
      doubted = Duration.ZERO;
    }
    return time.now().minus(doubted);
  }
}
