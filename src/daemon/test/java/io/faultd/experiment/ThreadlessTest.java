package io.faultd.experiment;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that lets the daemon have no more threads, as pids.max does. */
class ThreadlessTest {
  @TempDir private Path folder;
  private final AtomicBoolean full = new AtomicBoolean();

  /** The JVM says so when a thread is started, not when it is made. */
  private final ThreadFactory threads =
      work -> {
        Thread real = Engine.THREADS.newThread(work);
        return full.get()
            ? new Thread(work) {
              @Override
              public void start() {
                throw new OutOfMemoryError("unable to create native thread");
              }
            }
            : real;
      };

  @Test
  void anOrderEndsAsAnErrorAndTakesNoPlace() throws Exception {
    try (Node node = Node.on(folder.resolve("data")).experiments(1).threads(threads).start()) {
      full.set(true);
      for (int i = 0; i < 3; i++) {
        Created created = node.create(Node.run(on -> on.hold("held", new Node.Held())));
        assertEquals(Reason.INJECT_FAILED, created.failure().reason());
        assertTrue(created.failure().getMessage().contains("thread"));
        Experiment record = node.get(created.experiment().uid());
        assertEquals(Status.ERROR, record.status());
        assertEquals(Status.DESTROYED, node.destroy(record.uid()).status());
      }
      assertEquals(0, node.store.unfinished().count());
      assertEquals(0, node.engine.active());
      full.set(false);
      node.succeed(Node.run(on -> on.hold("held", new Node.Held())));
    }
  }

  @Test
  void whatWaitedForAThreadHasAllItsTimeWhenItIsInjectedAnew() throws Exception {
    AtomicInteger times = new AtomicInteger();
    String uid;
    Path copy;
    try (Node node = Node.on(folder.resolve("data")).start()) {
      uid =
          node.succeed(
              Node.run(on -> {
                long end = System.nanoTime() + (times.incrementAndGet() > 1 ? 1_500_000_000L : 0);
                on.await(Duration.ofSeconds(10), () -> System.nanoTime() > end);
                on.hold("held", new Node.Held());
              }));
      copy = node.snapshot(folder.resolve("copy"));
    }
    full.set(true);
    Node.Setup next = Node.on(copy).inject(Duration.ofSeconds(4)).resume().threads(threads);
    long begin = System.nanoTime();
    try (Node node = next.start()) {
      eventually(
          "it waited longer than an injection may take",
          () -> System.nanoTime() - begin > 4_500_000_000L);
      full.set(false);
      eventually("injected anew", () -> times.get() == 2);
      eventually("over", () -> node.get(uid).status() != Status.CREATED);
      assertEquals(Status.SUCCESS, node.get(uid).status(), node.get(uid).error());
    }
  }

  @Test
  void whatTheLastDaemonLeftIsUndoneAsSoonAsThereIsAThread() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "text");
    var mode = Files.getPosixFilePermissions(file);
    String uid;
    Path copy;
    try (Node node = Node.on(folder.resolve("data")).start()) {
      uid = node.succeed(Node.chmod(null, file));
      copy = node.snapshot(folder.resolve("copy"));
      var changed = Files.getPosixFilePermissions(file);
      node.destroy(uid);
      Files.setPosixFilePermissions(file, changed);
    }
    full.set(true);
    try (Node node = Node.on(copy).threads(threads).start()) {
      assertEquals(Status.SUCCESS, node.get(uid).status());
      full.set(false);
      node.await(uid, Status.DESTROYED);
      assertEquals(mode, Files.getPosixFilePermissions(file));
    }
  }
}
