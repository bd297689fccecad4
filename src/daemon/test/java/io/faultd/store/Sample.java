package io.faultd.store;

import io.faultd.experiment.Actor;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Status;
import io.faultd.fault.Effect;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A record as any other. */
final class Sample {
  private Sample() {}

  static Experiment record(String uid) {
    return record(uid, Status.CREATED, Map.of());
  }

  static Experiment record(String uid, Status status, Map<String, String> labels) {
    Instant now = Instant.now();
    return new Experiment(
        uid,
        "host",
        "process",
        "stop",
        Map.of(),
        labels,
        "",
        status,
        "",
        null,
        200,
        null,
        now,
        now,
        null,
        "exact",
        null,
        List.of(),
        List.of(),
        Effect.of(Effect.State.RAMPING, now),
        0,
        new Actor("test", "here"));
  }
}
