package io.faultd.experiment;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Injection;
import io.faultd.fault.Reason;
import io.faultd.fault.Undo;
import io.faultd.linux.Fd;
import io.faultd.linux.file.Contents;
import io.faultd.linux.file.FileIdentity;
import io.faultd.linux.file.Identities;
import io.faultd.linux.file.Open;
import io.faultd.linux.file.Root;
import io.faultd.linux.file.Stat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
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

  @Test
  void aHoldThatNeedsOneHindersNoOtherStepFromBeingUndone() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "text");
    var mode = Files.getPosixFilePermissions(file);
    try (Node node = Node.on(folder.resolve("data")).start()) {
      Node.Held held = new Node.Held();
      String uid =
          node.succeed(
              Node.run(on -> {
                takeAway(file, on);
                on.hold("held", held);
              }));
      assertEquals(Set.of(), Files.getPosixFilePermissions(file));
      held.stuck = new OutOfMemoryError("unable to create native thread");
      Experiment left = node.destroy(uid);
      assertEquals(mode, Files.getPosixFilePermissions(file));
      assertEquals(Status.ERROR, left.status());
      assertEquals(List.of("held"), left.residue().stream().map(Residue::step).toList());
      held.stuck = null;
      node.await(uid, Status.DESTROYED);
    }
  }

  private static void takeAway(Path file, Injection on) throws IOException {
    try (Fd handle = Open.path(file.toString())) {
      int before = Stat.of(handle, file.toString()).permissions();
      FileIdentity identity = Identities.of(Root.OWN, handle, file.toString());
      on.undo(new Undo.FileMode(identity, before, 0));
      Contents.mode(handle, 0, file.toString());
    }
  }

  @Test
  void anEndThatGoesOnIsNotCalledFinished() throws Exception {
    AtomicInteger told = new AtomicInteger();
    Node.Setup setup =
        Node.on(folder.resolve("data"))
            .undone((record, took) -> {
              if (told.incrementAndGet() == 1) {
                throw new OutOfMemoryError("unable to create native thread");
              }
            });
    try (Node node = setup.start()) {
      String uid = node.succeed(Node.run(on -> on.hold("held", new Node.Held())));
      Destroyed answer = node.engine.destroy(uid, false);
      assertEquals(Status.SUCCESS, answer.experiment().status());
      assertFalse(answer.finished());
      node.await(uid, Status.DESTROYED);
    }
  }
}
