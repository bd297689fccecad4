package io.faultd.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Effect;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Uids, idempotency keys, limits and the stream of changes. */
class RepeatedOrderTest {
  @TempDir private Path folder;
  private final AtomicInteger times = new AtomicInteger();
  private Node node;

  @BeforeEach
  void start() throws IOException {
    node = Node.on(folder.resolve("data")).start();
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private Order held(String uid, Map<String, String> more) {
    return Node.run(
        uid,
        on -> {
          times.incrementAndGet();
          on.hold("held", new Node.Held());
          on.await(Duration.ofMillis(100), () -> false);
        },
        more);
  }

  private Order failing(String uid) {
    return Node.run(
        uid,
        on -> {
          times.incrementAndGet();
          throw new FaultException(Reason.TARGET_NOT_FOUND, "nobody is there");
        },
        Map.of());
  }

  private List<Created> ten(Order order, String key) throws Exception {
    List<Created> answers = new ArrayList<>();
    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Created>> all = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        all.add(pool.submit(() -> node.create(order, key)));
      }
      for (Future<Created> each : all) {
        answers.add(each.get());
      }
    }
    return answers;
  }

  @Test
  void tenOrdersOfOneUidInjectOnce() throws Exception {
    List<Created> answers = ten(held("mine", Map.of()), null);
    assertEquals(1, times.get());
    assertEquals(1, answers.stream().filter(a -> a.kind() == Created.Kind.NEW).count());
    assertEquals(9, answers.stream().filter(a -> a.kind() == Created.Kind.EXISTING).count());
    assertTrue(answers.stream().allMatch(a -> a.experiment().status() == Status.SUCCESS));
  }

  @Test
  void aUidIsTakenByAnotherBodyAndForeverWhenItHasEnded() {
    Order order = held("mine", Map.of());
    node.succeed(order);
    assertEquals(Created.Kind.EXISTING, node.create(order).kind());
    assertConflict(() -> node.create(held("mine", Map.of())));
    node.destroy("mine");
    assertConflict(() -> node.create(order));
  }

  private static void assertConflict(Runnable create) {
    FaultException conflict = assertThrows(FaultException.class, create::run);
    assertEquals(Reason.CONFLICT, conflict.reason());
  }

  @Test
  void tenOrdersOfOneKeyInjectOnceAndAreAnsweredAlike() throws Exception {
    List<Created> answers = ten(held(null, Map.of()), "key");
    assertEquals(1, times.get());
    assertEquals(1, answers.stream().map(a -> a.experiment().uid()).distinct().count());
    assertTrue(answers.stream().allMatch(a -> a.kind() == Created.Kind.NEW && a.failure() == null));
  }

  @Test
  void theFirstAnswerIsGivenAgainWhateverCameOfIt() throws Exception {
    Order order = held(null, Map.of("async", "false"));
    Created first = node.create(order, "one");
    node.destroy(first.experiment().uid());
    Created failed = node.create(failing(null), "two");
    for (int i = 0; i < 2; i++) {
      Created again = node.create(order, "one");
      assertEquals(first.experiment().uid(), again.experiment().uid());
      assertEquals(Created.Kind.NEW, again.kind());
      assertNull(again.failure());
      FaultException why = failed.failure();
      Created alike =
          node.create(Node.order(null, "trial", "run", failed.experiment().flags()), "two");
      assertEquals(why.reason(), alike.failure().reason());
      assertEquals(why.getMessage(), alike.failure().getMessage());
      assertEquals(failed.experiment().uid(), alike.experiment().uid());
      node.close();
      node = Node.on(folder.resolve("data")).start();
    }
    assertEquals(2, times.get());
    assertConflict(() -> node.create(held(null, Map.of()), "one"));
  }

  @Test
  void anotherUidIsAnotherBody() {
    Map<String, String> flags = Node.trial(on -> on.hold("held", new Node.Held()), Map.of());
    node.create(Node.order("one", "trial", "run", flags), "key");
    assertConflict(() -> node.create(Node.order("two", "trial", "run", flags), "key"));
  }

  @Test
  void theAnswerThatAnExperimentIsThereAlreadyIsGivenAgainToo() throws Exception {
    Order order = held("mine", Map.of());
    node.succeed(order);
    assertEquals(Created.Kind.EXISTING, node.create(order, "key").kind());
    node.destroy("mine");
    for (int i = 0; i < 2; i++) {
      Created again = node.create(order, "key");
      assertEquals(Created.Kind.EXISTING, again.kind());
      assertEquals("mine", again.experiment().uid());
      assertNull(again.failure());
      node.close();
      node = Node.on(folder.resolve("data")).start();
    }
    assertConflict(() -> node.create(held("mine", Map.of()), "key"));
    assertEquals(1, times.get());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "key"})
  void whoOrdersAgainWaitsForTheEffectToo(String key) throws Exception {
    Node.Held held = new Node.Held();
    held.state = Effect.State.RAMPING;
    Order order = Node.run("mine", on -> on.hold("held", held), Map.of());
    String sent = key.isEmpty() ? null : key;
    assertEquals(Effect.State.RAMPING, node.create(order, sent).experiment().effect().state());
    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Created> again = pool.submit(() -> settled(order, sent));
      held.state = Effect.State.SETTLED;
      assertEquals(Effect.State.SETTLED, again.get().experiment().effect().state());
    }
    assertEquals(Effect.State.SETTLED, settled(order, sent).experiment().effect().state());
  }

  @Test
  void whatIsAnsweredAtOnceCannotBeWaitedFor() {
    FaultException why =
        assertThrows(
            FaultException.class, () -> settled(held("mine", Map.of("async", "true")), null));
    assertEquals(Reason.ILLEGAL_PARAMETER, why.reason());
    assertEquals(Optional.of("async"), why.field());
    assertTrue(node.engine.get("mine").isEmpty());
  }

  private Created settled(Order order, @Nullable String key) {
    return node.engine.create(
        order, new Experiments.Waiting(key, () -> false, Duration.ofSeconds(20)));
  }

  private static Order by(String name, Order order) {
    return order.by(new Permit(new Actor(name, "here"), Set.of(), Set.of(), true));
  }

  @Test
  void oneCallerKnowsNothingOfTheKeysOfAnother() {
    Order order = held(null, Map.of());
    String first = node.create(by("a", order), "key").experiment().uid();
    Created other = node.create(by("b", order), "key");
    assertEquals(Created.Kind.NEW, other.kind());
    assertNotEquals(first, other.experiment().uid());
    assertEquals(first, node.create(by("a", order), "key").experiment().uid());
    node.create(by("c", held(null, Map.of())), "key");
    assertEquals(3, times.get());
  }

  @Test
  void keysOfADaemonThatDidNotAskWhoseTheyAreStandForWhatTheyDid() throws Exception {
    Order order = held(null, Map.of());
    String uid = node.create(order, "key").experiment().uid();
    try (var connection =
            DriverManager.getConnection("jdbc:sqlite:" + node.data.resolve("faultd.db"));
        var statement = connection.createStatement()) {
      assertEquals(1, statement.executeUpdate("UPDATE idempotency SET name = 'key'"));
    }
    assertEquals(uid, node.create(order, "key").experiment().uid());
    assertEquals(1, times.get());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a\tb", "\u00e4"})
  void whatIsNoKeyOverOneInterfaceIsNoneOverAnother(String key) {
    FaultException why =
        assertThrows(FaultException.class, () -> node.create(held(null, Map.of()), key));
    assertEquals(Reason.ILLEGAL_PARAMETER, why.reason());
    assertEquals(0, times.get());
  }

  @Test
  void aKeyIsForgottenAfterADay() {
    Order order = failing(null);
    String uid = node.create(order, "key").experiment().uid();
    node.time.pass(Duration.ofHours(23));
    assertEquals(uid, node.create(order, "key").experiment().uid());
    node.time.pass(Duration.ofHours(2));
    assertNotEquals(uid, node.create(order, "key").experiment().uid());
  }

  @Test
  void keepsToItsLimitThoughAllComeAtOnce() throws Exception {
    node.close();
    node = Node.on(folder.resolve("data")).experiments(3).start();
    AtomicInteger refused = new AtomicInteger();
    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 10; i++) {
        pool.execute(() -> {
          try {
            node.succeed(held(null, Map.of()));
          } catch (FaultException e) {
            assertEquals(Reason.LIMIT, e.reason());
            refused.incrementAndGet();
          }
        });
      }
    }
    assertEquals(3, node.engine.active());
    assertEquals(7, refused.get());
    node.engine.destroyAll(Map.of());
    node.succeed(held(null, Map.of()));
  }

  @Test
  void whatIsFinishedWhenItIsMadeTakesNoPlaceWhileItIsMade() throws Exception {
    node.close();
    node = Node.on(folder.resolve("data")).experiments(1).start();
    CountDownLatch go = new CountDownLatch(1);
    Trial.Body body = on -> on.await(Duration.ofSeconds(20), () -> go.getCount() == 0);
    Order ending = Node.order("ends", "trial", "end", Node.trial(body, Map.of("async", "true")));
    node.create(ending);
    String uid = node.succeed(held(null, Map.of()));
    FaultException full =
        assertThrows(FaultException.class, () -> node.succeed(held(null, Map.of())));
    assertEquals(Reason.LIMIT, full.reason());
    go.countDown();
    node.await("ends", Status.SUCCESS);
    full = assertThrows(FaultException.class, () -> node.succeed(held(null, Map.of())));
    assertEquals(Reason.LIMIT, full.reason(), "its end frees no place that it had not");
    node.destroy(uid);
    node.succeed(held(null, Map.of()));
  }

  @Test
  void changesGoOnWhenOldRecordsWerePruned() {
    String uid = node.succeed(held(null, Map.of()));
    node.destroy(uid);
    long last = node.engine.lastChange();
    assertEquals(3, node.engine.changes(null, 0, 100, Duration.ZERO).size());
    assertFalse(node.store.prune(node.time.now().plusSeconds(10)));
    assertTrue(node.engine.get(uid).isEmpty());
    assertEquals(last, node.engine.lastChange());
    long begin = System.nanoTime();
    long cpu = cpu();
    assertEquals(List.of(), node.engine.changes(null, 0, 100, Duration.ofSeconds(1)));
    assertTrue(System.nanoTime() - begin > 900_000_000L);
    assertTrue(cpu() - cpu < 300_000_000L, "waits rather than asks again and again");
    node.succeed(held(uid, Map.of()));
    assertEquals(last + 2, node.engine.lastChange());
  }

  private static long cpu() {
    return java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  @Test
  void whatAKeyStandsForIsNotPruned() {
    Order order = failing(null);
    String uid = node.create(order, "key").experiment().uid();
    assertFalse(node.store.prune(node.time.now().plusSeconds(10)));
    assertEquals(uid, node.create(order, "key").experiment().uid());
  }
}
