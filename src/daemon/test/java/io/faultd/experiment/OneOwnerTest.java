package io.faultd.experiment;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.CancelledException;
import io.faultd.fault.Claim;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.fault.Undo;
import io.faultd.testing.Requires;
import io.faultd.testing.Victim;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Destroy, deadline, panic, limit and SIGTERM against one owner. */
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

  private static CompletableFuture<Created> async(java.util.function.Supplier<Created> create) {
    CompletableFuture<Created> answer = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            answer.complete(create.get());
          } catch (RuntimeException e) {
            answer.completeExceptionally(e);
          }
        });
    return answer;
  }

  /** Waits until it is cancelled. */
  private static Trial.Body waits(CountDownLatch there) {
    return on -> {
      on.hold("held", new Node.Held());
      there.countDown();
      on.await(Duration.ofSeconds(50), () -> false);
    };
  }

  @Test
  void aCreateThatIsDestroyedEndsDestroyedAndAnswersAConflict() throws Exception {
    CountDownLatch there = new CountDownLatch(1);
    CompletableFuture<Created> answer =
        async(() -> node.create(Node.run("early", waits(there), Map.of())));
    there.await();
    Destroyed destroyed = node.engine.destroy("early", false);
    assertTrue(destroyed.finished());
    assertEquals(Status.DESTROYED, destroyed.experiment().status());
    Created created = answer.get(5, TimeUnit.SECONDS);
    assertEquals(Reason.CONFLICT, created.failure().reason());
    assertEquals("early", created.experiment().uid());
    assertEquals(Status.DESTROYED, node.get("early").status());
  }

  @Test
  void panicEndsAnInjectionToo() throws Exception {
    CountDownLatch there = new CountDownLatch(1);
    CompletableFuture<Created> answer = async(() -> node.create(Node.run(waits(there))));
    there.await();
    List<Destroyed> all = node.engine.destroyAll(Map.of());
    assertEquals(1, all.size());
    assertEquals(Status.DESTROYED, all.getFirst().experiment().status());
    assertEquals(Reason.CONFLICT, answer.get(5, TimeUnit.SECONDS).failure().reason());
  }

  @Test
  void theEndOfTheDaemonEndsAnInjection() throws Exception {
    CountDownLatch there = new CountDownLatch(1);
    CompletableFuture<Created> answer =
        async(() -> node.create(Node.run("late", waits(there), Map.of())));
    there.await();
    node.engine.close();
    Created created = answer.get(5, TimeUnit.SECONDS);
    assertEquals(Status.ERROR, created.experiment().status());
    assertTrue(created.failure().getMessage().contains("stopped"), created.experiment().error());
    assertThrows(FaultException.class, () -> node.create(Node.run(on -> {})));
  }

  @Test
  void nothingIsAddedBehindADestroy() throws Exception {
    CountDownLatch there = new CountDownLatch(1);
    CountDownLatch destroyed = new CountDownLatch(1);
    Node.Held late = new Node.Held();
    List<String> refused = new ArrayList<>();
    try (Victim victim = Victim.sleeping(Victim.tag())) {
      CompletableFuture<Created> answer =
          async(() ->
              node.create(
                  Node.run(
                      "behind",
                      on -> {
                        there.countDown();
                        awaitQuietly(destroyed);
                        refused(
                            refused, "claim", () -> on.claim(List.of(new Claim("a", true, "a"))));
                        refused(
                            refused,
                            "undo",
                            () -> on.undo(new Undo.ProcessStopped(victim.identity(), "sleep")));
                        refused(refused, "hold", () -> on.hold("late", late));
                        refused(refused, "irrevocable", () -> on.irrevocable("late"));
                        refused(
                            refused, "repeat", () -> on.repeat(Duration.ofSeconds(1), () -> {}));
                      },
                      Map.of())));
      there.await();
      Thread waiting = Thread.ofVirtual().start(() -> node.engine.destroy("behind", false));
      eventually("asked", () -> waiting.getState() == Thread.State.TIMED_WAITING);
      destroyed.countDown();
      answer.get(5, TimeUnit.SECONDS);
      waiting.join();
    }
    assertEquals(List.of("claim", "undo", "hold", "irrevocable", "repeat"), refused);
    assertEquals(1, late.closed.get());
    assertEquals(Status.DESTROYED, node.get("behind").status());
    // the claim was not taken
    node.succeed(Node.run(on -> on.claim(List.of(new Claim("a", true, "a")))));
  }

  private static void refused(List<String> refused, String what, Runnable add) {
    try {
      add.run();
    } catch (CancelledException e) {
      refused.add(what);
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void anInjectionThatTakesTooLongIsUndone() throws Exception {
    node.close();
    node = Node.on(folder.resolve("data")).inject(Duration.ofMillis(300)).start();
    Created created = node.create(Node.run(waits(new CountDownLatch(1))));
    assertEquals(Status.ERROR, created.experiment().status());
    assertTrue(created.failure().getMessage().contains("inject.limit"));
  }

  @Test
  void anInjectionWhoseClientGaveUpIsUndone() {
    AtomicBoolean gone = new AtomicBoolean();
    Created created =
        node.engine.create(
            Node.run(on -> {
              on.hold("held", new Node.Held());
              gone.set(true);
              on.await(Duration.ofSeconds(50), () -> false);
            }),
            new Experiments.Waiting(null, gone::get, null));
    assertEquals(Status.ERROR, created.experiment().status());
    assertEquals("client gave up", created.experiment().error());
  }

  @Test
  void whatIsInPlaceStaysWhenTheClientGivesUpLater() throws Exception {
    AtomicBoolean gone = new AtomicBoolean();
    for (int i = 0; i < 30; i++) {
      gone.set(false);
      Node.Held held = new Node.Held();
      Created created =
          node.engine.create(
              Node.run(
                  "late-" + i,
                  on -> {
                    on.hold("held", held);
                    gone.set(true);
                  },
                  Map.of()),
              new Experiments.Waiting(null, gone::get, null));
      Experiment seen = created.experiment();
      boolean stays = seen.status() == Status.SUCCESS;
      assertTrue(stays || seen.error().equals("client gave up"), seen::toString);
      assertEquals(stays ? 0 : 1, held.closed.get());
      assertEquals(seen.status(), node.get("late-" + i).status());
    }
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
        Order order =
            Node.run(
                uid,
                on -> {
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
        assertEquals(1, held.closed.get());
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
  void aDestroyThatTakesLongIsAnsweredWithTheRecordAsItIs() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch there = new CountDownLatch(1);
    CompletableFuture<Created> answer =
        async(() ->
            node.create(
                Node.run(
                    "deaf",
                    on -> {
                      there.countDown();
                      awaitQuietly(go);
                    },
                    Map.of())));
    there.await();
    long begin = System.nanoTime();
    Destroyed destroyed = node.engine.destroy("deaf", false);
    long took = System.nanoTime() - begin;
    assertFalse(destroyed.finished());
    assertEquals(Status.CREATED, destroyed.experiment().status());
    assertTrue(took > 4_900_000_000L && took < 6_000_000_000L);
    go.countDown();
    assertEquals(Status.DESTROYED, answer.get(5, TimeUnit.SECONDS).experiment().status());
  }

  @Test
  void closesWithinTenSecondsThoughOneIsDeaf() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch there = new CountDownLatch(1);
    Node.Held held = new Node.Held();
    node.succeed(Node.run(on -> on.hold("held", held)));
    CompletableFuture<Created> answer =
        async(() ->
            node.create(
                Node.run(on -> {
                  there.countDown();
                  awaitQuietly(go);
                })));
    there.await();
    long begin = System.nanoTime();
    node.close();
    assertTrue(System.nanoTime() - begin < 10_000_000_000L);
    assertEquals(1, held.closed.get());
    go.countDown();
    answer.get(5, TimeUnit.SECONDS);
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
