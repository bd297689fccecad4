package io.faultd;

import io.faultd.experiment.Time;
import io.faultd.linux.Boot;
import java.io.IOException;
import java.time.Instant;

/** The clocks of this node. */
final class NodeTime implements Time {
  private final String bootId;

  NodeTime() throws IOException {
    this.bootId = Boot.id();
  }

  @Override
  public Instant now() {
    return Instant.now();
  }

  @Override
  public long boottime() {
    return Boot.time().toNanos();
  }

  @Override
  public String bootId() {
    return bootId;
  }
}
