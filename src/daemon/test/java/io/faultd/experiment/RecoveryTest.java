package io.faultd.experiment;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Claim;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.fault.Undo;
import io.faultd.testing.Fingerprint;
import io.faultd.testing.Requires;
import io.faultd.testing.Victim;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Start after a death at any instant, and what an answer to a repeated order is then. */
@Requires("root")
class RecoveryTest {
  @TempDir private Path folder;
  private Node node;
  private Path file;

  @BeforeEach
  void start() throws IOException {
    node = Node.on(folder.resolve("data")).start();
    file = Files.writeString(folder.resolve("victim"), "x");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private String mode() throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  /** Another daemon on what a power cut would have left. */
  private Node.Setup after() throws IOException {
    return Node.on(node.snapshot(folder.resolve("copy"))).time(node.time);
  }

  @Test
  void undoesWhatWasInPlace() throws Exception {
    String uid = node.succeed(Node.chmod(null, file));
    try (Node next = after().start()) {
      assertEquals("rw-r-----", mode());
      assertEquals(Status.DESTROYED, next.get(uid).status());
      assertEquals(0, next.engine.active());
      assertEquals(Status.DESTROYED, next.destroy(uid).status());
    }
  }

  @Test
  void whatWasBeingInjectedIsAnError() throws Exception {
    Path copy = folder.resolve("copy");
    Node.Held held = new Node.Held();
    String uid =
        node.succeed(
            Node.run(on -> {
              on.hold("held", held);
              node.snapshot(copy);
            }));
    try (Node next = Node.on(copy).start()) {
      Experiment record = next.get(uid);
      assertEquals(Status.ERROR, record.status());
      assertEquals(Reason.INJECT_FAILED, record.failure());
      assertEquals(Status.DESTROYED, next.destroy(uid).status());
    }
  }

  @Test
  void resumesWithTheSameUidAndDeadline() throws Exception {
    String uid = node.succeed(Node.chmod("again", file, "timeout", "1h"));
    Experiment before = node.get(uid);
    try (Node next = after().resume().start()) {
      Experiment now = next.get(uid);
      assertEquals(Status.SUCCESS, now.status());
      assertEquals(before.expires(), now.expires());
      assertEquals(before.flags(), now.flags());
      assertEquals("---------", mode());
      FaultException taken = next.create(Node.chmod(null, file)).failure();
      assertEquals(Reason.CONFLICT, taken.reason());
      next.time.pass(Duration.ofMinutes(61));
      next.await(uid, Status.DESTROYED);
      assertEquals("rw-r-----", mode());
    }
  }

  @Test
  void resumesAfterAnOrderlyEndToo() throws Exception {
    node.close();
    node = Node.on(folder.resolve("data")).resume().start();
    String uid = node.succeed(Node.chmod(null, file));
    for (int i = 0; i < 3; i++) {
      node.close();
      assertEquals("rw-r-----", mode());
      node = Node.on(folder.resolve("data")).resume().start();
      assertEquals(Status.SUCCESS, node.get(uid).status());
      assertEquals("---------", mode());
    }
    node.destroy(uid);
    assertEquals("rw-r-----", mode());
  }

  private static Trial.Body claiming(String... keys) {
    List<Claim> claims = Stream.of(keys).map(key -> new Claim(key, true, key)).toList();
    return on -> {
      on.claim(claims);
      on.hold("held", new Node.Held());
    };
  }

  /** As a file can be looked for for seconds before it is claimed again. */
  @Test
  void nobodyTakesWhatIsResumedAndWhatItNeedsNoMoreIsFree() throws Exception {
    AtomicInteger times = new AtomicInteger();
    CountDownLatch found = new CountDownLatch(1);
    String uid =
        node.succeed(
            Node.run(on -> {
              boolean first = times.incrementAndGet() == 1;
              if (!first) {
                on.await(Duration.ofMinutes(1), () -> found.getCount() == 0);
              }
              claiming(first ? new String[] {"kept", "surplus"} : new String[] {"kept"}).inject(on);
              on.undo(
                  List.of(new Undo.HiddenEntry(Fingerprint.identity(folder), ".none", "nothing")));
            }));
    try (Node next = after().resume().start()) {
      assertEquals(Status.CREATED, next.get(uid).status());
      FaultException taken = next.create(Node.run(claiming("kept"))).failure();
      assertEquals(Reason.CONFLICT, taken.reason());
      found.countDown();
      next.await(uid, Status.SUCCESS);
      assertEquals(Reason.CONFLICT, next.create(Node.run(claiming("kept"))).failure().reason());
      next.succeed(Node.run(claiming("surplus")));
      next.destroy(uid);
      next.succeed(Node.run(claiming("kept")));
    }
  }

  @Test
  void aDeadlineEndsWhatIsBeingInjectedAnew() throws Exception {
    AtomicInteger times = new AtomicInteger();
    AtomicBoolean goneOn = new AtomicBoolean();
    FakeTime clock = new FakeTime();
    Order order =
        Node.run(
            "late",
            on -> {
              if (times.incrementAndGet() > 1) {
                clock.pass(Duration.ofSeconds(61));
                on.await(Duration.ofSeconds(3), () -> false);
                goneOn.set(true);
              }
              on.hold("held", new Node.Held());
            },
            Map.of("timeout", "60"));
    node.succeed(order);
    try (Node next = after().time(clock).resume().start()) {
      Experiment record = next.get("late");
      assertEquals(Status.DESTROYED, record.status());
      assertEquals("", record.error());
      assertEquals(2, times.get());
      assertFalse(goneOn.get());
    }
  }

  @Test
  void whatHasExpiredMeanwhileIsNotResumed() throws Exception {
    String uid = node.succeed(Node.chmod(null, file, "timeout", "60"));
    FakeTime later = new FakeTime();
    later.pass(Duration.ofSeconds(61));
    try (Node next = after().time(later).resume().start()) {
      assertEquals(Status.DESTROYED, next.get(uid).status());
      assertEquals("rw-r-----", mode());
    }
  }

  @Test
  void aStepOfTheWallClockIsNoReasonToExpire() throws Exception {
    String uid = node.succeed(Node.chmod(null, file, "timeout", "60"));
    FakeTime stepped = new FakeTime();
    stepped.step(Duration.ofHours(5));
    try (Node next = after().time(stepped).resume().start()) {
      assertEquals(Status.SUCCESS, next.get(uid).status());
    }
  }

  @Test
  void theWallClockCountsAcrossAReboot() throws Exception {
    node.succeed(Node.chmod("rebooted", file, "timeout", "600"));
    FakeTime rebooted = new FakeTime();
    rebooted.reboot(Duration.ofMinutes(5));
    try (Node next = after().time(rebooted).resume().start()) {
      assertEquals(Status.SUCCESS, next.get("rebooted").status());
      // from here on it is this boot's clock again
      rebooted.step(Duration.ofHours(2));
      long end = System.nanoTime() + 1_500_000_000L;
      eventually("a tick", () -> System.nanoTime() > end);
      assertEquals(Status.SUCCESS, next.get("rebooted").status());
      rebooted.pass(Duration.ofMinutes(6));
      next.await("rebooted", Status.DESTROYED);
    }
    FakeTime late = new FakeTime();
    late.reboot(Duration.ofMinutes(11));
    try (Node next = Node.on(folder.resolve("copy")).time(late).resume().start()) {
      assertEquals(Status.DESTROYED, next.get("rebooted").status());
    }
  }

  @Test
  void aWallClockThatIsBehindAfterARebootPutsNoDeadlineOff() throws Exception {
    node.succeed(Node.chmod("behind", file, "timeout", "600"));
    FakeTime rebooted = new FakeTime();
    rebooted.reboot(Duration.between(Instant.now(), Instant.EPOCH));
    try (Node next = after().time(rebooted).resume().start()) {
      assertEquals(Status.SUCCESS, next.get("behind").status());
      rebooted.pass(Duration.ofMinutes(11));
      next.await("behind", Status.DESTROYED);
      assertEquals("rw-r-----", mode());
    }
  }

  @Test
  void whatDiedWithTheBootIsNotUndoneAfterIt() throws Exception {
    String tag = Victim.tag();
    try (Victim victim = Victim.sleeping(tag)) {
      String uid = node.succeed(Node.order(null, "process", "stop", Map.of("process", tag)));
      FakeTime rebooted = new FakeTime();
      rebooted.reboot(Duration.ofMinutes(5));
      try (Node next = after().time(rebooted).start()) {
        assertEquals(Status.DESTROYED, next.get(uid).status());
        assertEquals('T', victim.state());
      }
      node.destroy(uid);
      assertTrue(victim.runs());
    }
  }

  @Test
  void someAreNeverResumed() throws Exception {
    AtomicInteger times = new AtomicInteger();
    Map<String, String> flags =
        Node.trial(
            on -> {
              times.incrementAndGet();
              on.hold("held", new Node.Held());
            },
            Map.of());
    String uid = node.succeed(Node.order(null, "trial", "once", flags));
    try (Node next = after().resume().start()) {
      assertEquals(Status.DESTROYED, next.get(uid).status());
      assertEquals(1, times.get());
    }
  }

  @Test
  void whatCannotBeInjectedAnewIsAnError() throws Exception {
    AtomicInteger times = new AtomicInteger();
    String uid =
        node.succeed(
            Node.run(on -> {
              if (times.incrementAndGet() > 1) {
                throw new IOException("not again");
              }
              on.hold("held", new Node.Held());
            }));
    try (Node next = after().resume().start()) {
      assertEquals(Status.ERROR, next.get(uid).status());
      assertEquals("not again", next.get(uid).error());
      assertEquals(0, next.engine.active());
    }
  }

  @Test
  void claimsHoldOverARestartWhileSomethingIsLeft() throws Exception {
    Path name = folder.resolve("gone");
    Files.writeString(name, "theirs");
    node.succeed(Node.order("left", "file", "delete", Map.of("filepath", name.toString())));
    Files.writeString(name, "somebody else's");
    try (Node next = after().start()) {
      Experiment left = next.get("left");
      assertEquals(Status.ERROR, left.status());
      assertEquals(2, left.residue().size(), "the file, and the note about it");
      FaultException taken =
          next.create(Node.order(null, "file", "delete", Map.of("filepath", name.toString())))
              .failure();
      assertEquals(Reason.CONFLICT, taken.reason());
      assertTrue(taken.getMessage().contains("left"), taken.getMessage());
      Files.delete(name);
      next.await("left", Status.DESTROYED);
      assertEquals("theirs", Files.readString(name));
      assertEquals("", next.get("left").error());
      assertEquals(List.of(), next.get("left").residue());
    }
  }

  @Test
  void forceGivesUpWhatCannotBeUndone() throws Exception {
    Path name = folder.resolve("gone");
    Files.writeString(name, "theirs");
    node.succeed(Node.order("stuck", "file", "delete", Map.of("filepath", name.toString())));
    Files.writeString(name, "somebody else's");
    Destroyed tried = node.engine.destroy("stuck", false);
    assertTrue(tried.finished());
    assertEquals(Status.ERROR, tried.experiment().status());
    assertEquals(2, tried.experiment().residue().size(), "the file, and the note about it");
    Destroyed given = node.engine.destroy("stuck", true);
    assertEquals(Status.DESTROYED, given.experiment().status());
    assertEquals("somebody else's", Files.readString(name));
    assertEquals("theirs", Files.readString(folder.resolve("gone.faultd-stuck")));
    assertEquals(0, node.engine.active());
    node.succeed(Node.order(null, "file", "delete", Map.of("filepath", name.toString())));
  }

  @Test
  void endsThoughSomethingIsLeft() throws Exception {
    Path name = folder.resolve("gone");
    Files.writeString(name, "theirs");
    node.succeed(Node.order("left", "file", "delete", Map.of("filepath", name.toString())));
    Files.writeString(name, "somebody else's");
    assertEquals(Status.ERROR, node.destroy("left").status());
    node.close();
    eventually(
        "no owner goes on",
        () ->
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("faultd-left")));
    Files.delete(name);
    node = Node.on(folder.resolve("data")).start();
    assertEquals(Status.DESTROYED, node.get("left").status());
    assertEquals("theirs", Files.readString(name));
  }

  @Test
  void aSecondDaemonOnTheFolderIsRefused() {
    IOException refused =
        assertThrows(IOException.class, () -> Node.on(folder.resolve("data")).start());
    assertTrue(refused.getMessage().contains("in use"), refused.getMessage());
  }

  @Test
  void claimsAreAllOrNothingAndNameTheOther() throws Exception {
    String first =
        node.succeed(
            Node.run(on -> {
              on.claim(List.of(new Claim("a", true, "thing a"), new Claim("s", false, "thing s")));
              on.hold("held", new Node.Held());
            }));
    Created clash =
        node.create(
            Node.run(
                on -> on.claim(List.of(new Claim("b", true, "b"), new Claim("a", false, "a")))));
    assertEquals(Reason.CONFLICT, clash.failure().reason());
    assertTrue(clash.failure().getMessage().contains(first));
    Created shared =
        node.create(
            Node.run(on -> {
              on.claim(List.of(new Claim("b", true, "b"), new Claim("s", false, "s")));
              on.hold("held", new Node.Held());
            }));
    assertNull(shared.failure());
    node.destroy(first);
    node.succeed(
        Node.run(on -> {
          on.claim(List.of(new Claim("a", true, "a"), new Claim("s", false, "s")));
          on.hold("held", new Node.Held());
        }));
  }
}
