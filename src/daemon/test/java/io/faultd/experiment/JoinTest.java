package io.faultd.experiment;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.faultd.fault.Base;
import io.faultd.fault.Injection;
import io.faultd.fault.Undo;
import io.faultd.linux.file.FileIdentity;
import io.faultd.os.file.FileAppend;
import io.faultd.testing.Fingerprint;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several experiments on one thing. */
class JoinTest {
  private static final FileTime RESTORED = FileTime.fromMillis(1_000_000);

  @TempDir Path folder;
  private Path things;
  private Path file;
  private Node node;

  @BeforeEach
  void start() throws IOException {
    things = Files.createDirectory(folder.resolve("things"));
    file = Files.writeString(things.resolve("file"), "first\n");
    node = Node.on(folder.resolve("data")).start();
  }

  @AfterEach
  void end() {
    node.close();
  }

  private Order append(String uid) {
    Map<String, String> flags = Map.of("filepath", file.toString(), "content", "more");
    return Node.order(uid, "file", "append", flags);
  }

  @Test
  void theBaseIsWhatIsThereWhenItsTurnHasComeNotWhenItBeganToWait() throws Exception {
    FileIdentity identity = Fingerprint.identity(file);
    String key = new Undo.BytesAppended(identity, "", 0, null, null).joins().orElseThrow();
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<Created> leaving =
          () ->
              node.create(
                  Node.run(on -> {
                    on.join(key, () -> new Base.AppendedFile(null, 0, 0));
                    entered.countDown();
                    awaitQuietly(go);
                    // as the last member does when it leaves
                    Files.setLastModifiedTime(file, RESTORED);
                  }));
      Future<Created> other = clients.submit(leaving);
      entered.await();
      Future<Created> waiting = clients.submit(() -> node.create(append("waiting")));
      eventually("it waits for its turn", () -> waits("faultd-waiting"));
      go.countDown();
      other.get(10, TimeUnit.SECONDS);
      assertEquals(Status.SUCCESS, waiting.get(10, TimeUnit.SECONDS).experiment().status());
    }
    node.destroy("waiting");
    assertEquals("first\n", Files.readString(file));
    assertEquals(RESTORED, Files.getLastModifiedTime(file));
  }

  /** Its owner has changed the thing since then. */
  @Test
  void theBaseOfThoseThatLeftAndCouldNotBeMarkedSoIsNoneForWhoComesNext() throws Exception {
    FileTime theirs = FileTime.fromMillis(2_000_000);
    CountDownLatch go = new CountDownLatch(1);
    try (Connection other =
            DriverManager.getConnection("jdbc:sqlite:" + node.data.resolve("faultd.db"));
        Statement lock = other.createStatement();
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
        AutoCloseable opened = go::countDown) {
      node.succeed(append("first"));
      var more = new FileAppend.Params(file.toString(), "more", 1, null, false, false, null);
      Trial.Body next =
          on -> {
            awaitQuietly(go);
            new FileAppend().inject(more, before("undo", on, () -> lock.execute("ROLLBACK")));
          };
      Future<Created> second = clients.submit(() -> node.create(Node.run("next", next, Map.of())));
      eventually("it is admitted", () -> node.engine.active() == 2);
      lock.execute("BEGIN IMMEDIATE");
      assertEquals(Status.DESTROYED, node.destroy("first").status());
      assertEquals("first\n", Files.readString(file));
      Files.writeString(file, "other\n");
      Files.setLastModifiedTime(file, theirs);
      go.countDown();
      assertEquals("", second.get(10, TimeUnit.SECONDS).experiment().error());
    }
    assertEquals("other\nmore\n", Files.readString(file));
    eventually("marked", () -> node.engine.active() == 1);
    node.destroy("next");
    assertEquals("other\n", Files.readString(file));
    assertEquals(theirs, Files.getLastModifiedTime(file));
  }

  /** Does something when a fault is about to call a method. */
  private static Injection before(String method, Injection on, Callable<?> work) {
    return (Injection)
        Proxy.newProxyInstance(
            JoinTest.class.getClassLoader(),
            new Class<?>[] {Injection.class},
            (proxy, called, arguments) -> {
              if (called.getName().equals(method)) {
                work.call();
              }
              try {
                return called.invoke(on, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void manyWhoComeAndGoAtOnceLeaveTheFileAsItWas() throws Exception {
    var before = Fingerprint.of(things);
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> busy = new ArrayList<>();
      for (int client = 0; client < 4; client++) {
        String name = "client-" + client + "-";
        busy.add(
            clients.submit(() -> {
              for (int round = 0; round < 15; round++) {
                Experiment end = node.destroy(node.succeed(append(name + round)));
                assertEquals(List.of(), end.residue());
              }
            }));
      }
      for (Future<?> each : busy) {
        each.get(60, TimeUnit.SECONDS);
      }
    }
    assertEquals(before, Fingerprint.of(things));
  }

  /** Whoever had the inode's number before has another handle. */
  @Test
  void aFileThatWasGivenTheNumberOfADeletedOneHasABaseOfItsOwn() throws Exception {
    Files.setLastModifiedTime(file, RESTORED);
    FileIdentity now = Fingerprint.identity(file);
    FileIdentity deleted =
        new FileIdentity(now.device(), now.inode(), "1:00", "", "", file.toString());
    Undo.BytesAppended before = new Undo.BytesAppended(deleted, "eA==", 5, 5L, 1L);
    CountDownLatch go = new CountDownLatch(1);
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
        AutoCloseable opened = go::countDown) {
      Trial.Body old =
          on -> {
            on.join(before.joins().orElseThrow(), () -> new Base.AppendedFile(deleted, 5, 0));
            on.undo(before);
            on.await(Duration.ofSeconds(9), () -> go.getCount() == 0);
          };
      Future<Created> first = clients.submit(() -> node.create(Node.run("old", old, Map.of())));
      eventually("announced", () -> !node.store.members(before.joins().orElseThrow()).isEmpty());
      node.succeed(append("fresh"));
      assertEquals("first\nmore\n", Files.readString(file));
      node.destroy("fresh");
      assertEquals("first\n", Files.readString(file));
      assertEquals(RESTORED, Files.getLastModifiedTime(file));
      go.countDown();
      first.get(10, TimeUnit.SECONDS);
    }
  }

  private static boolean waits(String thread) {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(each -> each.getKey().getName().equals(thread))
        .flatMap(each -> List.of(each.getValue()).stream())
        .anyMatch(frame -> frame.getClassName().equals(Joins.class.getName()));
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
