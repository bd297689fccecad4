package io.faultd.experiment;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.linux.proc.Procfs;
import io.faultd.preparation.Preparation;
import io.faultd.preparation.PreparationStatus;
import io.faultd.rollback.Sweep;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who did what, and who may. */
@Requires("root")
class AuditTest {
  private static final Permit CI = permit("ci", Set.of());
  private static final Permit ONCALL = permit("oncall", Set.of());

  @TempDir private Path folder;
  private Node node;
  private Path file;

  private static Permit permit(String name, Set<String> targets) {
    return new Permit(new Actor(name, "10.0.0.1:1"), Set.of(), targets, false);
  }

  @BeforeEach
  void start() throws IOException {
    node = Node.on(folder.resolve("data")).start();
    file = Files.writeString(folder.resolve("victim"), "x");
  }

  @AfterEach
  void stop() {
    node.close();
  }

  /** Oldest first, as: who outcome. */
  private List<String> lines(String uid) {
    return lines(node, uid);
  }

  private static List<String> lines(Node of, String uid) {
    return of.store.audit().lines(uid, Instant.EPOCH, 100).reversed().stream()
        .map(line -> line.actor().name() + " " + line.outcome())
        .toList();
  }

  @Test
  void theLogHasTheSameLinesAndThoseOfSweeps() throws Exception {
    List<String> logged = new CopyOnWriteArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord entry) {
            logged.add(entry.getParameters()[3] + " " + entry.getParameters()[2]);
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger log = Logger.getLogger("io.faultd.Audit");
    log.addHandler(handler);
    try {
      String uid = node.succeed(Node.chmod(null, file).by(CI));
      node.engine.destroy(uid, false, ONCALL);
      node.engine.destroy(uid, false, CI);
      Map<String, String> flags = Map.of("filepath", file.toString(), "mark", "0400");
      Files.setAttribute(file, "unix:mode", 0400);
      node.engine.sweep("lost", Node.order("lost", "file", "chmod", flags).by(CI));
      eventually("all is logged", () -> logged.size() >= 4);
      assertEquals(
          List.of("\"ci\" Created", "\"ci\" Success", "\"oncall\" Destroyed", "\"ci\" Swept"),
          logged);
    } finally {
      log.removeHandler(handler);
    }
  }

  @Test
  void eachSweepIsALineToo() throws Exception {
    Map<String, String> flags = Map.of("filepath", file.toString(), "mark", "0400");
    Files.setAttribute(file, "unix:mode", 0400);
    Order lost = Node.order("lost", "file", "chmod", flags).by(CI);
    node.engine.sweep("lost", lost);
    node.engine.sweep("lost", lost.by(ONCALL));
    assertEquals(List.of("ci Swept", "oncall Swept"), lines("lost"));
    AuditLine last = node.store.audit().lines(null, Instant.EPOCH, 1).getFirst();
    assertEquals("sweep file chmod", last.what());
    assertTrue(last.error().contains(file.toString()), last.error());
  }

  @Test
  void whatIsInjectedAnewAtAStartIsTheDaemonsAct() throws Exception {
    String uid = node.succeed(Node.chmod(null, file).by(CI));
    Path copy = node.snapshot(folder.resolve("copy"));
    try (Node next = Node.on(copy).resume().start()) {
      next.await(uid, Status.SUCCESS);
      eventually("written", () -> lines(next, uid).size() == 4);
      assertEquals(
          List.of("ci Created", "ci Success", "faultd Created", "faultd Success"),
          lines(next, uid));
      next.engine.destroy(uid, false, ONCALL);
    }
  }

  @Test
  void anExperimentAndAPreparationOfOneUidHaveLinesOfTheirOwn() throws Exception {
    Instant now = Instant.now();
    node.store
        .preparations()
        .add(
            new Preparation(
                "shop",
                "jvm",
                "java",
                Procfs.HOST.identity((int) ProcessHandle.current().pid()).orElseThrow(),
                "",
                PreparationStatus.CREATED,
                "",
                null,
                200,
                now,
                now,
                CI.actor()),
            "order");
    String uid = node.succeed(Node.chmod("shop", file).by(ONCALL));
    assertEquals(List.of("ci Created", "oncall Created", "oncall Success"), lines(uid));
  }

  @Test
  void linesAreReadOnBehindOneOfThem() {
    String uid = node.succeed(Node.chmod(null, file).by(CI));
    node.engine.destroy(uid, false, ONCALL);
    Audit audit = node.store.audit();
    for (String of : Arrays.asList(uid, null)) {
      List<AuditLine> all = audit.lines(of, Instant.EPOCH, 10);
      assertEquals(3, all.size());
      assertEquals(all.subList(1, 3), audit.lines(of, Instant.EPOCH, all.getFirst().seq(), 10));
      assertEquals(all.subList(1, 2), audit.lines(of, Instant.EPOCH, all.getFirst().seq(), 1));
      assertEquals(List.of(), audit.lines(of, Instant.EPOCH, all.getLast().seq(), 10));
    }
  }

  @Test
  void whatThereIsNoRecordOfIsForThoseAloneWhoMayTouchEverything() throws Exception {
    Map<String, String> path = Map.of("filepath", file.toString());
    node.succeed(Node.order("lost", "file", "delete", path));
    Order claimed = Node.order("lost", "cpu", "fullload", Map.of());
    try (Node other = Node.on(folder.resolve("other")).sweeper(this::everything).start()) {
      for (Permit bounded :
          List.of(
              permit("ci", Set.of("cpu")),
              new Permit(CI.actor(), Set.of("host"), Set.of(), true),
              new Permit(CI.actor(), Set.of("host"), Set.of("cpu", "file"), true))) {
        FaultException refusal =
            assertThrows(
                FaultException.class, () -> other.engine.sweep("lost", claimed.by(bounded)));
        assertEquals(Reason.FORBIDDEN, refusal.reason());
        assertFalse(Files.exists(file));
      }
      assertEquals(1, other.engine.sweep("lost", claimed.by(CI)).undone().size());
      assertEquals("x", Files.readString(file));
    }
  }

  /** Marks in the folder of the test, whatever the order says. */
  private Experiments.Swept everything(String uid, Map<String, String> flags) {
    Sweep.Swept swept = Sweep.over(new Sweep.Scope(uid, Set.of(folder)));
    return new Experiments.Swept(swept.undone(), swept.unsure());
  }

  @Test
  void eachChangeOfStateIsALineThatNamesWhoMadeIt() {
    String uid = node.succeed(Node.chmod(null, file).by(CI));
    node.engine.destroy(uid, false, ONCALL);
    node.engine.destroy(uid, false, CI);
    assertEquals(List.of("ci Created", "ci Success", "oncall Destroyed"), lines(uid));
    AuditLine last = node.store.audit().lines(uid, Instant.EPOCH, 1).getFirst();
    assertEquals("file chmod", last.what());
    assertEquals("10.0.0.1:1", last.actor().from());
    assertEquals(node.get(uid).updated().toEpochMilli(), last.time().toEpochMilli());
    assertEquals(3, node.store.audit().lines(null, Instant.EPOCH, 100).size());
    assertEquals(1, node.store.audit().lines(null, Instant.EPOCH, 1).size());
    assertEquals(List.of(), node.store.audit().lines(uid, last.time().plusSeconds(1), 100));
  }

  @Test
  void whatFailsSaysWhy() {
    Created created =
        node.create(
            Node.run(
                    null,
                    on -> {
                      throw new IOException("no luck");
                    },
                    Map.of())
                .by(CI));
    assertEquals(List.of("ci Created", "ci Error"), lines(created.experiment().uid()));
    AuditLine line = node.store.audit().lines(null, Instant.EPOCH, 1).getFirst();
    assertEquals("no luck", line.error());
  }

  @Test
  void theDaemonNamesItselfForWhatNobodyOrdered() throws Exception {
    String uid = node.succeed(Node.chmod(null, file, "timeout", "1h").by(CI));
    node.time.pass(java.time.Duration.ofHours(1));
    node.await(uid, Status.DESTROYED);
    assertEquals(List.of("ci Created", "ci Success", "faultd Destroyed"), lines(uid));
    assertEquals(
        "deadline", node.store.audit().lines(uid, Instant.EPOCH, 1).getFirst().actor().from());
  }

  @Test
  void whatTheLastDaemonLeftIsLaidToRecovery() throws Exception {
    String uid = node.succeed(Node.chmod(null, file).by(CI));
    try (Node next = Node.on(node.snapshot(folder.resolve("copy"))).start()) {
      next.await(uid, Status.DESTROYED);
      AuditLine line = next.store.audit().lines(uid, Instant.EPOCH, 1).getFirst();
      assertEquals(new Actor("faultd", "recovery"), line.actor());
    }
  }

  @Test
  void nobodyGoesBeyondItsTargets() throws Exception {
    Permit others = permit("ci", Set.of("cpu"));
    FaultException refusal =
        assertThrows(FaultException.class, () -> node.create(Node.chmod(null, file).by(others)));
    assertEquals(Reason.FORBIDDEN, refusal.reason());
    assertEquals("target", refusal.field().orElse(""));
    assertEquals(0, node.engine.lastChange());
    String uid = node.succeed(Node.chmod(null, file).by(CI));
    for (boolean force : new boolean[] {false, true}) {
      assertEquals(
          Reason.FORBIDDEN,
          assertThrows(FaultException.class, () -> node.engine.destroy(uid, force, others))
              .reason());
    }
    assertEquals(List.of(), node.engine.destroyAll(Map.of(), others));
    assertEquals(Status.SUCCESS, node.get(uid).status());
    assertEquals("---------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertEquals(1, node.engine.destroyAll(Map.of(), permit("ci", Set.of("file"))).size());
    assertEquals(Status.DESTROYED, node.get(uid).status());
    assertEquals(
        Reason.FORBIDDEN,
        assertThrows(FaultException.class, () -> node.engine.destroy(uid, false, others)).reason());
  }

  @Test
  void onlyWhoMayNamesProtectedThings() {
    Order order = Node.chmod(null, file, "allow-protected", "/etc");
    FaultException refusal = assertThrows(FaultException.class, () -> node.create(order.by(CI)));
    assertEquals(Reason.FORBIDDEN, refusal.reason());
    assertEquals("allow-protected", refusal.field().orElse(""));
    node.succeed(order.by(Permit.OWN));
  }
}
