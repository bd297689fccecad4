package io.faultd.experiment;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Claim;
import io.faultd.fault.Effect;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.fault.Undo;
import io.faultd.testing.Requires;
import io.faultd.testing.Victim;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the statuses promise. */
@Requires("root")
class StatesTest {
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

  @Test
  void isOnDiskBeforeAnythingElseHappens() {
    AtomicReference<Status> seen = new AtomicReference<>();
    node.succeed(
        Node.run(
            "early",
            on -> seen.set(node.store.find("early").orElseThrow().experiment().status()),
            Map.of()));
    assertEquals(Status.CREATED, seen.get());
  }

  @Test
  void goesFromSuccessToDestroyedAndBackToWhatWas() throws Exception {
    String uid = node.succeed(Node.chmod(null, file));
    assertEquals("---------", mode());
    assertEquals(Status.SUCCESS, node.store.find(uid).orElseThrow().experiment().status());
    Experiment over = node.destroy(uid);
    assertEquals(Status.DESTROYED, over.status());
    assertEquals("", over.error());
    assertEquals("rw-r-----", mode());
    assertEquals(over, node.get(uid));
  }

  @Test
  void isUndoneBeforeTheAnswerIfItFails() {
    Node.Held held = new Node.Held();
    Created created =
        node.create(
            Node.run(on -> {
              on.hold("held", held);
              throw new IOException("refused");
            }));
    assertEquals(Status.ERROR, created.experiment().status());
    assertEquals(Reason.INJECT_FAILED, created.failure().reason());
    assertEquals(1, held.closed.get());
    assertEquals("refused", node.get(created.experiment().uid()).error());
  }

  @Test
  void aFailureThatLeavesSomethingSaysSoFirst() {
    Node.Held held = new Node.Held();
    held.stuck = new IllegalStateException("no descriptors");
    Created created =
        node.create(
            Node.run(on -> {
              on.hold("held", held);
              throw new IOException("refused");
            }));
    assertEquals(Reason.RESIDUE, created.failure().reason());
    assertEquals(
        "INJECT_FAILED: refused; 1 of its steps could not be undone; first: held:"
            + " java.lang.IllegalStateException: no descriptors",
        created.failure().getMessage());
    assertEquals("refused", created.experiment().error());
    held.stuck = null;
    assertEquals(Status.DESTROYED, node.destroy(created.experiment().uid()).status());
  }

  @Test
  void oneThatIsLostHasNotEndedUntilNothingIsLeftOfIt() throws Exception {
    Node.Held held = new Node.Held();
    String uid = node.succeed(Node.run(on -> on.hold("held", held)));
    held.stuck = new IllegalStateException("no descriptors");
    held.state = Effect.State.GONE;
    List<String> told = new ArrayList<>();
    for (long seq = node.get(uid).seq(); !node.engine.ended(uid, seq); ) {
      for (Change change : node.engine.changes(uid, seq, 1, Duration.ofMillis(100))) {
        seq = change.seq();
        told.add(change.experiment().status() + " " + change.experiment().residue().size());
      }
      if (told.size() >= 2) {
        held.stuck = null;
      }
    }
    assertEquals(List.of("ERROR 0", "ERROR 1", "DESTROYED 0"), told.stream().distinct().toList());
  }

  @Test
  void aDefectOfAFaultIsAFailureOfThatExperimentOnly() {
    Created created =
        node.create(
            Node.run(on -> {
              throw new IllegalStateException("defect");
            }));
    assertEquals(Status.ERROR, created.experiment().status());
    Created error =
        node.create(
            Node.run(on -> {
              throw new NoClassDefFoundError("defect");
            }));
    assertEquals(Status.ERROR, error.experiment().status());
    assertEquals(0, node.engine.active());
  }

  @Test
  void becomesAnErrorWhenTheHeldThingIsGone() throws Exception {
    Node.Held held = new Node.Held();
    String uid = node.succeed(Node.run(on -> on.hold("held", held)));
    long begin = System.nanoTime();
    held.state = Effect.State.GONE;
    Experiment lost = node.await(uid, Status.ERROR);
    assertTrue(System.nanoTime() - begin < 2_000_000_000L);
    assertTrue(lost.error().contains("as the test says"), lost.error());
    eventually("let go", () -> held.closed.get() == 1 && node.engine.active() == 0);
    assertEquals(Status.DESTROYED, node.destroy(uid).status());
  }

  @Test
  void aHoldThatThrowsIsGoneAndLeavesNoExperimentWithoutOwner() throws Exception {
    Node.Held held = new Node.Held();
    String uid = node.succeed(Node.run(on -> on.hold("held", held)));
    held.failure = new IllegalStateException("defect");
    node.await(uid, Status.ERROR);
    eventually("let go", () -> held.closed.get() == 1 && node.engine.active() == 0);
  }

  @Test
  void aHoldThatThrowsInsteadOfLettingGoIsTriedAgainAndNotCalledGone() throws Exception {
    Node.Held held = new Node.Held();
    String uid = node.succeed(Node.run(on -> on.hold("held", held)));
    held.stuck = new IllegalStateException("no descriptors");
    Experiment left = node.destroy(uid);
    assertEquals(Status.ERROR, left.status());
    assertTrue(left.residue().toString().contains("no descriptors"), left.residue().toString());
    held.stuck = null;
    Experiment over = node.await(uid, Status.DESTROYED);
    assertEquals(List.of(), over.residue());
    assertTrue(held.closed.get() >= 2);
  }

  @Test
  void aRoundThatGoesOnFailingIsToldOnce() throws Exception {
    AtomicInteger rounds = new AtomicInteger();
    String uid =
        node.succeed(
            Node.run(on -> {
              on.hold("held", new Node.Held());
              on.repeat(
                  Duration.ofSeconds(1),
                  () -> {
                    rounds.incrementAndGet();
                    throw new UncheckedIOException(new IOException("no room"));
                  });
            }));
    eventually("four rounds", () -> rounds.get() >= 4);
    List<String> warnings = node.get(uid).warnings();
    assertEquals(1, warnings.size(), warnings.toString());
    assertTrue(warnings.getFirst().contains("no room"), warnings.toString());
    assertEquals(3, node.store.changes(uid, 0, 100).size(), "created, in place, warned");
  }

  @Test
  void becomesAnErrorWhenTheTargetIsGone() throws Exception {
    String tag = Victim.tag();
    String uid;
    try (Victim victim = Victim.sleeping(tag)) {
      uid = node.succeed(Node.order(null, "process", "stop", Map.of("process", tag)));
    }
    long begin = System.nanoTime();
    Experiment lost = node.await(uid, Status.ERROR);
    assertTrue(System.nanoTime() - begin < 2_000_000_000L);
    assertTrue(lost.error().startsWith("target-gone"), lost.error());
    assertEquals(Effect.State.GONE, lost.effect().state());
    eventually("ended", () -> node.engine.active() == 0);
  }

  @Test
  void becomesAnErrorWhenOthersRemoveWhatWasTakenAway() throws Exception {
    String uid =
        node.succeed(Node.order(null, "file", "delete", Map.of("filepath", file.toString())));
    Path hidden;
    try (var all = Files.list(folder)) {
      hidden = all.filter(StatesTest::isHidden).findFirst().orElseThrow();
    }
    Files.delete(hidden);
    Experiment lost = node.await(uid, Status.ERROR);
    assertTrue(lost.error().startsWith("target-gone"), lost.error());
    eventually("ended", () -> node.engine.active() == 0);
    try (var left = Files.list(folder)) {
      assertEquals(List.of("data"), left.map(each -> each.getFileName().toString()).toList());
    }
  }

  /** Beside it is the note, a link. */
  private static boolean isHidden(Path file) {
    return file.getFileName().toString().startsWith(".faultd-")
        && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
  }

  @Test
  void becomesAnErrorWhenOthersContinueTheProcess() throws Exception {
    String tag = Victim.tag();
    try (Victim victim = Victim.sleeping(tag)) {
      String uid = node.succeed(Node.order(null, "process", "stop", Map.of("process", tag)));
      victim.signal("CONT");
      Experiment lost = node.await(uid, Status.ERROR);
      assertFalse(lost.error().isEmpty());
      eventually("ended", () -> node.engine.active() == 0);
    }
  }

  @Test
  void isDegradedWhenSomeOfManyAreGone() throws Exception {
    String tag = Victim.tag();
    try (Victim stays = Victim.sleeping(tag)) {
      String uid;
      try (Victim goes = Victim.sleeping(tag)) {
        uid = node.succeed(Node.order(null, "process", "stop", Map.of("process", tag)));
        assertEquals('T', goes.state());
      }
      eventually("degraded", () -> node.get(uid).effect().state() == Effect.State.DEGRADED);
      assertEquals(Status.SUCCESS, node.get(uid).status());
      assertEquals(Status.DESTROYED, node.destroy(uid).status());
      eventually("continued", () -> stays.runs());
    }
  }

  @Test
  void refusesWhatIsAlreadySo() throws Exception {
    String tag = Victim.tag();
    try (Victim victim = Victim.sleeping(tag).stop()) {
      Created created = node.create(Node.order(null, "process", "stop", Map.of("process", tag)));
      assertEquals(Reason.CONFLICT, created.failure().reason());
      assertEquals('T', victim.state());
    }
  }

  @Test
  void isFinishedWhenItIsMadeIfThereIsNothingToUndo() throws Exception {
    node.close();
    node = Node.on(folder.resolve("data")).experiments(1).start();
    for (int i = 0; i < 5; i++) {
      Created created =
          node.engine.create(
              Node.run(
                  "kill-" + i,
                  on -> {
                    on.claim(List.of(new Claim("trial:same", true, "the same")));
                    on.irrevocable("done");
                  },
                  Map.of("timeout", "1")),
              new Experiments.Waiting(null, () -> false, Duration.ofSeconds(5)));
      assertNull(created.failure());
      assertEquals(Status.SUCCESS, created.experiment().status());
      assertEquals(Effect.State.SETTLED, created.experiment().effect().state());
    }
    assertEquals(0, node.engine.active());
    assertEquals(Status.DESTROYED, node.destroy("kill-0").status());
    assertEquals(Status.DESTROYED, node.get("kill-0").status());
    assertEquals(Status.DESTROYED, node.destroy("kill-0").status());
    assertEquals(List.of(), node.engine.destroyAll(Map.of()));
    assertEquals(Status.SUCCESS, node.get("kill-1").status());
  }

  @Test
  void isNoSuccessIfItIsGoneBeforeItWasSeen() throws Exception {
    Created created =
        node.create(
            Node.run(on -> {
              Node.Held held = new Node.Held();
              held.state = Effect.State.GONE;
              on.hold("held", held);
            }));
    assertNotNull(created.failure());
    assertEquals(Status.ERROR, created.experiment().status());
  }

  @Test
  void aFigureThatIsNoNumberHarmsNothing() throws Exception {
    Node.Held held = new Node.Held();
    String uid =
        node.succeed(
            Node.run(on -> {
              on.asked(Double.NaN, "%");
              on.hold("held", held);
              on.warn("warned");
            }));
    assertEquals(List.of("warned"), node.get(uid).warnings());
    assertEquals(Status.DESTROYED, node.destroy(uid).status());
  }

  @Test
  void stepsThatNobodyMadeDoNoHarm() throws Exception {
    try (Victim victim = Victim.sleeping(Victim.tag())) {
      Created created =
          node.create(
              Node.run(on -> {
                on.undo(new Undo.ProcessStopped(victim.identity(), "sleep"));
                throw new FaultException(Reason.TARGET_NOT_FOUND, "not made");
              }));
      assertEquals(Reason.TARGET_NOT_FOUND, created.failure().reason());
      assertTrue(victim.runs());
    }
  }

  @Test
  void unknownUidsAreUnknown() {
    FaultException unknown =
        assertThrows(FaultException.class, () -> node.engine.destroy("nobody", false));
    assertEquals(Reason.UNKNOWN_UID, unknown.reason());
  }
}
