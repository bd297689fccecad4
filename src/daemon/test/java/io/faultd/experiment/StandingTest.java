package io.faultd.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.Standing.Cause;
import io.faultd.fault.Effect;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StandingTest {
  private final Standing standing = new Standing(record(Status.CREATED), (record, time) -> {});

  private static Experiment record(Status status) {
    Instant now = Instant.EPOCH;
    Effect effect = Effect.of(Effect.State.RAMPING, now);
    return new Experiment(
        "u", "host", "trial", "run", Map.of(), Map.of(), "", status, "", null, 200, null, now, now,
        null, "exact", null, List.of(), List.of(), effect, 1, null);
  }

  @ParameterizedTest
  @CsvSource({
    "CLIENT_GAVE_UP,DESTROY",
    "CLIENT_GAVE_UP,SHUTDOWN",
    "TOO_SLOW,DESTROY",
    "TOO_SLOW,SHUTDOWN",
    "TOO_SLOW,DEADLINE"
  })
  void anEndThatCameWhileSuccessWasBeingWrittenIsNotLost(Cause first, Cause second) {
    standing.endInjection(first);
    standing.end(second, false);
    standing.publish(record(Status.SUCCESS), false);
    assertTrue(standing.cancelled());
    assertEquals(second, standing.cause());
  }

  @Test
  void whatIsInPlaceStaysIfOnlyItsInjectionWasToEnd() {
    standing.endInjection(Cause.CLIENT_GAVE_UP);
    standing.publish(record(Status.SUCCESS), false);
    assertFalse(standing.cancelled());
    standing.endInjection(Cause.TOO_SLOW);
    assertFalse(standing.cancelled());
  }

  @Test
  void theEndOfWhatNeverWasInPlaceIsNoUndo() {
    List<Status> undone = new ArrayList<>();
    Standing failed =
        new Standing(record(Status.CREATED), (ended, time) -> undone.add(ended.status()));
    failed.end(Cause.DESTROY, false);
    failed.trying(false);
    failed.publish(record(Status.DESTROYED), true);
    assertEquals(List.of(), undone);
    Standing inPlace =
        new Standing(record(Status.CREATED), (ended, time) -> undone.add(ended.status()));
    inPlace.publish(record(Status.SUCCESS), false);
    inPlace.end(Cause.DESTROY, false);
    inPlace.trying(true);
    inPlace.publish(record(Status.DESTROYED), true);
    assertEquals(List.of(Status.DESTROYED), undone);
  }

  @Test
  void theFirstEndOfTheExperimentCounts() {
    standing.end(Cause.DEADLINE, false);
    standing.end(Cause.DESTROY, false);
    assertEquals(Cause.DEADLINE, standing.cause());
  }
}
