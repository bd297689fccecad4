package io.faultd.experiment;

import java.time.Duration;

/**
 * What the operator has set.
 *
 * @param experiments how many may be in place at once
 * @param inject how long an injection may take
 * @param resume whether what was in place at the end of the daemon is injected anew at its start
 * @param retention how long ended records are kept
 */
public record Rules(int experiments, Duration inject, boolean resume, Duration retention) {
  private static final Duration SOON = Duration.ofSeconds(1);
  private static final Duration HOUR = Duration.ofHours(1);

  /** How long old records may stay beyond their time: a tenth of it, at most an hour. */
  Duration prune() {
    Duration tenth = retention.dividedBy(10);
    return tenth.compareTo(SOON) < 0 ? SOON : tenth.compareTo(HOUR) > 0 ? HOUR : tenth;
  }
}
