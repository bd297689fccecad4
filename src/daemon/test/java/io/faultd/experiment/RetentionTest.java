package io.faultd.experiment;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.FaultException;
import java.nio.file.Path;
import java.sql.DriverManager;
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

  /** Takes longer to forget than an injection may take. */
  private static final int BACKLOG = 400_000;

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
      assertFalse(node.store.prune(node.time.now().minusSeconds(3600)));
      assertTrue(node.engine.get(ended.getFirst()).isPresent());
      int rounds = 1;
      while (node.store.prune(node.time.now().plusSeconds(10))) {
        rounds++;
      }
      assertTrue(rounds > 2, "some at a time: " + rounds);
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
  void aBacklogDelaysNothingThatHasADeadline() throws Exception {
    Path data = folder.resolve("data");
    Node.on(data).start().close();
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("faultd.db"));
        var statement = connection.createStatement()) {
      String many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)";
      String backlog = many.formatted(BACKLOG);
      statement.executeUpdate(
          "INSERT INTO experiment(uid, target, action, flag, status, unfinished, print, body,"
              + " closed) %s SELECT 'old-' || i, 'a', 'b', '', 'DESTROYED', 0, '', '{}', i FROM n"
                  .formatted(backlog));
      statement.executeUpdate(
          "INSERT INTO change(uid, status, body) %s SELECT 'old-' || i, 'DESTROYED', '{}' FROM n"
              .formatted(backlog));
    }
    try (Node node = Node.on(data).inject(Duration.ofMillis(500)).start()) {
      long begin = System.nanoTime();
      FaultException slow =
          node.create(Node.run(on -> on.await(Duration.ofSeconds(50), () -> false))).failure();
      long took = Duration.ofNanos(System.nanoTime() - begin).toMillis();
      assertTrue(node.engine.get("old-" + BACKLOG).isPresent(), "the backlog was too small");
      assertTrue(String.valueOf(slow.getMessage()).contains("inject.limit"), slow.toString());
      // looked at each second
      assertTrue(took < 2_500, "it was ended after " + took + " ms");
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
