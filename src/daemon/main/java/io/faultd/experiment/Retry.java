package io.faultd.experiment;

import java.time.Duration;

/**
 * When what could not be undone is tried again: after 1 s, then after twice as long each time, up
 * to 5 minutes. All instants are those of {@link System#nanoTime}.
 *
 * <p>Used by the experiment's owner thread only.
 */
final class Retry {
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(5);

  private Duration pause = FIRST;
  private long due;

  /** The first try is due now. */
  Retry(long now) {
    due = now;
  }

  /** When the next try is due, unless somebody asks for one before. */
  long due() {
    return due;
  }

  /** A try failed. One that was asked for before it was due puts nothing off. */
  void failed(long now) {
    if (now - due < 0) {
      return;
    }
    due = now + pause.toNanos();
    Duration doubled = pause.multipliedBy(2);
    pause = doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
  }
}
