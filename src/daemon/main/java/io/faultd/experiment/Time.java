package io.faultd.experiment;

import java.time.Instant;

/** The clocks of this node. */
public interface Time {
  /** Wall clock. */
  Instant now();

  /** CLOCK_BOOTTIME in nanoseconds: steady, runs on in suspend, starts anew with each boot. */
  long boottime();

  /** Which boot this is. */
  String bootId();
}
