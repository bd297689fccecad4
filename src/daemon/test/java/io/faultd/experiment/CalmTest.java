package io.faultd.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Requires;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A clock that is set ahead makes nobody forget what is not old. */
class CalmTest {
  private static final Duration MONTH = Duration.ofDays(31);

  @TempDir private Path folder;
  private final FakeTime time = new FakeTime();
  private final Calm calm = new Calm(time);

  private void assertBehind(Duration wanted) {
    Duration behind = Duration.between(calm.now(), time.now());
    assertTrue(behind.minus(wanted).abs().compareTo(Duration.ofSeconds(30)) < 0, behind::toString);
  }

  @Test
  void aStepAheadIsBelievedAfterADay() {
    time.pass(Duration.ofDays(40));
    assertBehind(Duration.ZERO);
    time.step(MONTH);
    assertBehind(MONTH);
    time.pass(Duration.ofHours(23));
    assertBehind(MONTH);
    time.pass(Duration.ofHours(2));
    assertBehind(Duration.ZERO);
  }

  @Test
  void aStepAheadThatIsTakenBackWasNone() {
    time.step(MONTH);
    assertBehind(MONTH);
    time.step(MONTH.negated());
    assertBehind(Duration.ZERO);
    time.step(Duration.ofMinutes(2));
    assertBehind(Duration.ZERO);
  }

  @Test
  void aSecondStepIsWaitedForAnew() {
    time.step(MONTH);
    assertBehind(MONTH);
    time.pass(Duration.ofHours(20));
    time.step(MONTH);
    assertBehind(MONTH.multipliedBy(2));
    time.pass(Duration.ofHours(20));
    assertBehind(MONTH.multipliedBy(2));
  }

  @Test
  @Requires("root")
  void keysRecordsAndAuditStay() throws Exception {
    try (Node node = Node.on(folder.resolve("data")).time(time).start()) {
      Order order = Node.run(null, on -> on.hold("held", new Node.Held()), Map.of());
      String uid = node.create(order, "key").experiment().uid();
      node.destroy(uid);
      Pruning pruning = new Pruning(node.store, calm, new Rules(1, MONTH, false, MONTH));
      time.step(MONTH.plusDays(1));
      Order other = Node.run(null, on -> on.hold("held", new Node.Held()), Map.of());
      node.create(other, "other");
      pruning.prune();
      assertEquals(uid, node.create(order, "key").experiment().uid());
      assertEquals(3, node.store.audit().lines(uid, Instant.EPOCH, 10).size());
      time.pass(MONTH.plusDays(1));
      pruning.prune();
      assertTrue(node.engine.get(uid).isEmpty());
      assertNotEquals(uid, node.create(order, "key").experiment().uid());
    }
  }

  /** When the step is believed, time is a month later at once. */
  @Test
  @Requires("root")
  void aKeyThatFoundAnExperimentStandsForItADayThoughAStepIsBelievedMeanwhile() throws Exception {
    try (Node node = Node.on(folder.resolve("data")).time(time).start()) {
      Order order = Node.run("there", on -> on.hold("held", new Node.Held()), Map.of());
      node.create(order, "key");
      time.step(MONTH);
      node.create(order, "noticed");
      time.pass(Duration.ofHours(20));
      node.create(order, "found");
      time.pass(Duration.ofHours(5));
      node.destroy("there");
      assertEquals(Created.Kind.EXISTING, node.create(order, "found").kind());
    }
  }
}
