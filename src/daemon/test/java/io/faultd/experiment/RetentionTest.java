package io.faultd.experiment;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records that have ended are forgotten in time, however many there are; others are not. */
class RetentionTest {
  /** More than are forgotten at once. */
  private static final int MANY = 450;

  @TempDir private Path folder;

  @Test
  void allThatEndedBeforeIsForgottenWithItsChangesAndAudit() throws Exception {
    try (Node node = Node.on(folder.resolve("data")).start()) {
      List<String> ended = new ArrayList<>();
      for (int i = 0; i < MANY; i++) {
        String uid = node.succeed(held());
        node.destroy(uid);
        ended.add(uid);
      }
      String inPlace = node.succeed(held());
      assertEquals(0, node.store.prune(node.time.now().minusSeconds(3600)));
      assertEquals(MANY, node.store.prune(node.time.now().plusSeconds(10)));
      assertTrue(ended.stream().allMatch(uid -> node.engine.get(uid).isEmpty()));
      assertEquals(Status.SUCCESS, node.engine.get(inPlace).orElseThrow().status());
      assertTrue(
          node.engine.changes(null, 0, 1000, Duration.ZERO).stream()
              .allMatch(change -> change.experiment().uid().equals(inPlace)));
      assertEquals(List.of(), node.store.audit().lines(ended.getFirst(), Instant.EPOCH, 10));
      assertEquals(
          2, node.store.audit().lines(inPlace, Instant.EPOCH, 10).size(), "who ordered it stays");
      node.destroy(inPlace);
    }
  }

  @Test
  void aShortRetentionIsKeptWithoutWaitingAnHour() throws Exception {
    try (Node node = Node.on(folder.resolve("data")).retention(Duration.ofSeconds(5)).start()) {
      String uid = node.succeed(held());
      node.destroy(uid);
      assertTrue(node.engine.get(uid).isPresent());
      eventually("forgotten", () -> node.engine.get(uid).isEmpty());
    }
  }

  private static Order held() {
    return Node.run(null, on -> on.hold("held", new Node.Held()), Map.of());
  }
}
