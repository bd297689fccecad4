package io.faultd.experiment;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Claim;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Destroy and deadline against one owner, by many at once and many times. */
@Requires("root")
class OneOwnerTest {
  @TempDir private Path folder;
  private Node node;

  @BeforeEach
  void start() throws IOException {
    node = Node.on(folder.resolve("data")).start();
  }

  @AfterEach
  void stop() {
    node.close();
  }

  @Test
  void destroyWorksFromEveryStateAndAnyNumberOfTimes() throws Exception {
    Created failed =
        node.create(
            Node.run(
                "failed",
                on -> {
                  throw new IOException("refused");
                },
                Map.of()));
    assertEquals(Status.ERROR, failed.experiment().status());
    node.succeed(Node.run("fine", on -> on.hold("held", new Node.Held()), Map.of()));
    for (int i = 0; i < 3; i++) {
      for (String uid : List.of("failed", "fine")) {
        Destroyed destroyed = node.engine.destroy(uid, false);
        assertTrue(destroyed.finished());
        assertEquals(Status.DESTROYED, destroyed.experiment().status());
        assertEquals(Status.DESTROYED, node.get(uid).status());
      }
    }
  }

  @Test
  void manyMayDestroyAtOnceAtAnyInstant() throws Exception {
    AtomicInteger closed = new AtomicInteger();
    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 60; i++) {
        String uid = "many-" + i;
        int failing = i % 3;
        Node.Held held = new Node.Held();
        AtomicInteger handed = new AtomicInteger(); // not even begun, if it is destroyed by then
        Order order =
            Node.run(
                uid,
                on -> {
                  handed.incrementAndGet();
                  on.hold("held", held);
                  if (failing == 0) {
                    throw new IOException("refused");
                  }
                  on.await(Duration.ofMillis(failing * 5L), () -> false);
                },
                Map.of());
        Future<Created> answer = pool.submit(() -> node.create(order));
        eventually("there", () -> node.engine.get(uid).isPresent());
        List<Future<Destroyed>> destroys = new ArrayList<>();
        for (int j = 0; j < 4; j++) {
          destroys.add(pool.submit(() -> node.engine.destroy(uid, false)));
        }
        for (Future<Destroyed> each : destroys) {
          assertEquals(Status.DESTROYED, each.get().experiment().status(), uid);
          assertTrue(each.get().finished());
        }
        answer.get();
        assertEquals(Status.DESTROYED, node.get(uid).status());
        assertEquals(handed.get(), held.closed.get());
        closed.incrementAndGet();
      }
    }
    assertEquals(60, closed.get());
    assertEquals(0, node.engine.active());
  }

  @Test
  void theAnswerToADestroyMeansThatThereIsRoomAgain() throws Exception {
    node.close();
    node = Node.on(folder.resolve("data")).experiments(1).start();
    for (int i = 0; i < 40; i++) {
      String uid = node.succeed(Node.run(on -> on.hold("held", new Node.Held())));
      assertThrows(FaultException.class, () -> node.create(Node.run(on -> {})));
      assertEquals(Status.DESTROYED, node.destroy(uid).status());
    }
  }

  @Test
  void endsAtItsDeadlineWhateverTheClockSays() throws Exception {
    Node.Held held = new Node.Held();
    String uid = node.succeed(Node.run(null, on -> on.hold("held", held), Map.of("timeout", "1h")));
    assertTrue(node.get(uid).expires().isAfter(node.get(uid).created().plusSeconds(3590)));
    node.time.step(Duration.ofHours(3));
    node.time.step(Duration.ofHours(-30));
    assertEquals(Status.SUCCESS, stays(uid));
    node.time.pass(Duration.ofMinutes(61));
    long begin = System.nanoTime();
    node.await(uid, Status.DESTROYED);
    assertTrue(System.nanoTime() - begin < 2_000_000_000L);
    assertEquals(1, held.closed.get());
  }

  private Status stays(String uid) throws Exception {
    long end = System.nanoTime() + 1_500_000_000L;
    eventually("a tick", () -> System.nanoTime() > end);
    return node.get(uid).status();
  }

  @Test
  void theLongestTimeoutIsNoShortOne() throws Exception {
    for (String timeout : List.of("9223372036", "292y", "200000h", "9223372036s")) {
      try {
        String uid =
            node.succeed(
                Node.run(null, on -> on.hold("held", new Node.Held()), Map.of("timeout", timeout)));
        assertEquals(Status.SUCCESS, stays(uid), timeout);
        node.destroy(uid);
      } catch (FaultException refused) {
        assertEquals(Reason.ILLEGAL_PARAMETER, refused.reason(), timeout);
      }
    }
  }

  @Test
  void leavesNeitherThreadsNorEntriesBehind() throws Exception {
    for (int i = 0; i < 300; i++) {
      String uid =
          node.succeed(
              Node.run(
                  "uid-" + i,
                  on -> {
                    on.claim(List.of(new Claim("thing", true, "thing")));
                    on.hold("held", new Node.Held());
                  },
                  Map.of()));
      node.destroy(uid);
    }
    assertEquals(0, node.engine.active());
    eventually(
        "no threads",
        () ->
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("faultd-uid-")));
    for (String map : List.of("turns", "owners")) {
      assertTrue(empty(node.engine, map), map);
    }
    Engine.Parts parts = (Engine.Parts) field(node.engine, "parts");
    assertTrue(empty(parts.joins(), "turns"));
    assertTrue(empty(parts.claims(), "byKey"));
  }

  private static Object field(Object owner, String name) throws ReflectiveOperationException {
    var field = owner.getClass().getDeclaredField(name);
    field.setAccessible(true);
    return field.get(owner);
  }

  private static boolean empty(Object owner, String name) throws ReflectiveOperationException {
    Object value = field(owner, name);
    return switch (value) {
      case Map<?, ?> map -> map.isEmpty();
      case Joins joins -> empty(joins, "turns");
      default -> empty(value, name.equals("owners") ? "byUid" : name);
    };
  }
}
