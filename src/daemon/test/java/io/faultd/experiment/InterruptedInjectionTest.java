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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Destroy, panic, limit, SIGTERM and a client that gives up against one that is being injected. */
@Requires("root")
class InterruptedInjectionTest {
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
  void theClockOfANodeWithoutExperimentsSleepsAndHasItsEyeOnTheNextAllTheSame() throws Exception {
    node.close();
    node = Node.on(folder.resolve("quiet")).inject(Duration.ofSeconds(1)).start();
    for (int round = 0; round < 2; round++) {
      eventually(
          "nobody wakes the clock up",
          () -> clocks().allMatch(clock -> clock.getState() == Thread.State.WAITING));
      Created slow = node.create(Node.run(waits(new CountDownLatch(1))));
      assertTrue(slow.failure().getMessage().contains("inject.limit"));
    }
  }

  private static Stream<Thread> clocks() {
    List<Thread> clocks =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().equals("faultd-clock"))
            .toList();
    assertEquals(1, clocks.size());
    return clocks.stream();
  }

  /** Works in parts, and asks between them whether to go on. */
  private static Trial.Body inParts(CountDownLatch there) {
    return on -> {
      for (long end = System.nanoTime() + 20_000_000_000L; System.nanoTime() < end; ) {
        there.countDown();
        on.await(Duration.ZERO, () -> true);
      }
    };
  }

  @Test
  void anInjectionThatWorksInPartsIsEndedBetweenTwo() throws Exception {
    CountDownLatch there = new CountDownLatch(1);
    CompletableFuture<Created> answer =
        async(() -> node.create(Node.run("parts", inParts(there), Map.of())));
    there.await();
    assertTrue(node.engine.destroy("parts", false).finished());
    assertEquals(Reason.CONFLICT, answer.get(5, TimeUnit.SECONDS).failure().reason());

    node.close();
    node = Node.on(folder.resolve("data")).inject(Duration.ofMillis(300)).start();
    Created slow = node.create(Node.run(inParts(new CountDownLatch(1))));
    assertTrue(slow.failure().getMessage().contains("inject.limit"));
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
}
