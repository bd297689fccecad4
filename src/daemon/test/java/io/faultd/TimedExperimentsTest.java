package io.faultd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.faultd.experiment.Destroyed;
import io.faultd.experiment.Experiments;
import io.faultd.experiment.Order;
import io.faultd.experiment.Permit;
import io.faultd.fault.FaultException;
import io.faultd.testing.MemoryExperiments;
import io.helidon.metrics.api.Counter;
import io.helidon.metrics.api.Meter;
import io.helidon.metrics.api.MeterRegistry;
import io.helidon.metrics.api.Metrics;
import io.helidon.metrics.api.Timer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is counted; registries share what they count, so that only what is added says anything. */
class TimedExperimentsTest {
  private final MeterRegistry registry = Metrics.createMeterRegistry();
  private final TimedExperiments timed = new TimedExperiments(new MemoryExperiments(), registry);

  /** As an engine tells it. */
  private void undone(Destroyed destroyed) {
    timed.undone(destroyed.experiment(), Duration.ofMillis(3));
  }

  private String create(Map<String, String> flags) {
    return timed
        .create(
            new Order(null, "", "file", "chmod", flags, "", Map.of()),
            new Experiments.Waiting(null, () -> false, Duration.ZERO))
        .experiment()
        .uid();
  }

  /** By name, and outcome or reason. */
  private Map<String, Long> counts() {
    Map<String, Long> counts = new HashMap<>();
    for (Meter meter : registry.meters()) {
      Map<String, String> tags = meter.id().tagsMap();
      String key =
          meter.id().name() + " " + tags.getOrDefault("outcome", tags.getOrDefault("reason", ""));
      if (meter instanceof Timer timer) {
        counts.merge(key, timer.count(), Long::sum);
      } else if (meter instanceof Counter counter) {
        counts.merge(key, counter.count(), Long::sum);
      }
    }
    return counts;
  }

  private static long added(String key, Map<String, Long> before, Map<String, Long> after) {
    return after.getOrDefault(key, 0L) - before.getOrDefault(key, 0L);
  }

  @Test
  void eachOutcomeIsTimedAsWhatItIs() {
    // so that each is there before it is counted
    undone(timed.destroy(create(Map.of()), false, Permit.OWN));
    Map<String, Long> before = counts();
    undone(timed.destroy(create(Map.of()), false, Permit.OWN));
    undone(timed.destroy(create(Map.of("residue", "")), true, Permit.OWN));
    String busy = create(Map.of("busy", ""));
    timed.destroy(busy, false, Permit.OWN);
    timed.destroy(busy, false, Permit.OWN);
    create(Map.of("fail", "INJECT_FAILED"));
    Map<String, Long> after = counts();
    assertEquals(1, added("faultd_undo success", before, after), after.toString());
    assertEquals(1, added("faultd_undo residue", before, after), after.toString());
    assertEquals(2, added("faultd_undo unfinished", before, after), after.toString());
    assertEquals(3, added("faultd_inject success", before, after), after.toString());
    assertEquals(1, added("faultd_inject error", before, after), after.toString());
    assertEquals(1, added("faultd_injects_failed ", before, after), after.toString());
  }

  @Test
  void whatWasRefusedAfterItsRecordWasMadeIsNoFailureOfAnInjection() {
    Map<String, Long> before = counts();
    create(Map.of("fail", "TARGET_NOT_FOUND"));
    create(Map.of("fail", "CONFLICT"));
    Map<String, Long> after = counts();
    assertEquals(0, added("faultd_injects_failed ", before, after), after.toString());
    assertEquals(1, added("faultd_orders_refused CONFLICT", before, after), after.toString());
    assertEquals(
        1, added("faultd_orders_refused TARGET_NOT_FOUND", before, after), after.toString());
  }

  @Test
  void whatFailedWithoutAnybodyWaitingIsCountedLikeOthers() {
    MemoryExperiments failing = new MemoryExperiments();
    TimedExperiments other = new TimedExperiments(failing, registry);
    Map<String, Long> before = counts();
    for (String reason : List.of("INJECT_FAILED", "TARGET_NOT_FOUND", "STORE_UNAVAILABLE")) {
      Order order = new Order(null, "", "file", "chmod", Map.of("fail", reason), "", Map.of());
      other.failed(
          failing
              .create(order, new Experiments.Waiting(null, () -> false, Duration.ZERO))
              .experiment());
    }
    Map<String, Long> after = counts();
    assertEquals(2, added("faultd_injects_failed ", before, after), after.toString());
    assertEquals(
        1, added("faultd_orders_refused TARGET_NOT_FOUND", before, after), after.toString());
  }

  @Test
  void anAnswerThatIsGivenAgainIsNotCountedAgain() {
    Order order =
        new Order(null, "", "file", "chmod", Map.of("fail", "INJECT_FAILED"), "", Map.of());
    Experiments.Waiting waiting = new Experiments.Waiting("key", () -> false, Duration.ZERO);
    timed.create(order, waiting);
    Map<String, Long> before = counts();
    timed.create(order, waiting);
    assertEquals(before, counts());
  }

  @Test
  void whatIsRefusedIsCountedByItsReasonAndNotTimed() {
    Map<String, Long> before = counts();
    assertThrows(FaultException.class, () -> create(Map.of("refuse", "CONFLICT")));
    Map<String, Long> after = counts();
    assertEquals(1, added("faultd_orders_refused CONFLICT", before, after), after.toString());
    assertEquals(0, added("faultd_orders_refused LIMIT", before, after), after.toString());
    assertEquals(0, added("faultd_inject error", before, after), after.toString());
  }
}
