package io.faultd.experiment;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The end of the daemon: one deadline for all its steps together, so that several that hang do not
 * add up. What is not over by then is left to the next start, as after a death.
 */
public final class Ending {
  /** A daemon that is told to end has ended within 10 s: only the JVM comes behind. */
  public static final Duration LIMIT = Duration.ofMillis(9_500);

  private final long end;

  /** One that begins now. */
  public Ending(Duration limit) {
    this(System.nanoTime() + limit.toNanos());
  }

  private Ending(long end) {
    this.end = end;
  }

  /** The same for some of the steps, behind which the others have so much. */
  public Ending before(Duration others) {
    return new Ending(end - others.toNanos());
  }

  /** How long may be waited, at most so long; 0 if the time is over. */
  public Duration atMost(Duration most) {
    Duration left = left();
    return left.compareTo(most) < 0 ? left : most;
  }

  /** How long may be waited if those that come after are to have so much; 0 if it is over. */
  public Duration allBut(Duration others) {
    Duration left = left().minus(others);
    return left.isNegative() ? Duration.ZERO : left;
  }

  private Duration left() {
    return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
  }

  /** Waits for the end of a thread, at most so long. */
  public void join(Thread thread, Duration most) {
    try {
      TimeUnit.NANOSECONDS.timedJoin(thread, atMost(most).toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
