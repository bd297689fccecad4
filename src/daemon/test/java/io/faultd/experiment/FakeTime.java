package io.faultd.experiment;

import io.faultd.linux.Boot;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;

/** The clocks of this node, that a test may set without setting them. */
final class FakeTime implements Time {
  private volatile Duration wall = Duration.ZERO;
  private volatile Duration steady = Duration.ZERO;
  private volatile String boot;

  FakeTime() {
    try {
      boot = Boot.id();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Somebody sets the clock. */
  void step(Duration by) {
    wall = wall.plus(by);
  }

  /** Time passes. */
  void pass(Duration by) {
    wall = wall.plus(by);
    steady = steady.plus(by);
  }

  /** The node boots anew, after a while. */
  void reboot(Duration off) {
    wall = wall.plus(off);
    steady = Boot.time().negated();
    boot = "another-boot-" + System.nanoTime();
  }

  @Override
  public Instant now() {
    return Instant.now().plus(wall);
  }

  @Override
  public long boottime() {
    return Boot.time().plus(steady).toNanos();
  }

  @Override
  public String bootId() {
    return boot;
  }
}
