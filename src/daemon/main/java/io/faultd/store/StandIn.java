package io.faultd.store;

import io.faultd.experiment.Experiment;
import io.faultd.experiment.Residue;
import io.faultd.experiment.Status;
import io.faultd.fault.Effect;
import io.faultd.fault.Reason;
import io.helidon.dbclient.DbRow;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What is shown in place of a record that cannot be read: what its row tells, and why. */
final class StandIn {
  private StandIn() {}

  /**
   * Of a row with {@code uid} and {@code status}.
   *
   * @param target as far as it is known
   * @param action as far as it is known
   */
  static Experiment of(DbRow row, String target, String action, RuntimeException why) {
    String error = "its record cannot be read, and stays as it is: " + why.getMessage();
    Status status = status(Database.text(row, "status"));
    boolean ended = status == Status.DESTROYED;
    Effect.State effect = ended ? Effect.State.GONE : Effect.State.DEGRADED;
    return new Experiment(
        Database.text(row, "uid"),
        "host",
        target,
        action,
        Map.of(),
        Map.of(),
        "",
        status,
        ended ? "" : error,
        ended ? null : Reason.RESIDUE,
        ended ? 200 : Reason.RESIDUE.code(),
        null,
        Instant.EPOCH,
        Instant.EPOCH,
        null,
        "exact",
        null,
        List.of(error),
        ended ? List.of() : List.of(new Residue("record", Instant.EPOCH, 0, error)),
        Effect.of(effect, Instant.EPOCH),
        0,
        null);
  }

  /** Nobody looks after it, so nothing is promised but that it has ended. */
  private static Status status(String name) {
    return Arrays.stream(Status.values())
        .filter(status -> status == Status.DESTROYED && status.name().equals(name))
        .findFirst()
        .orElse(Status.ERROR);
  }
}
