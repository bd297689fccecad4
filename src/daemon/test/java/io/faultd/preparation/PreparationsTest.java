package io.faultd.preparation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.Actor;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Experiments;
import io.faultd.experiment.Order;
import io.faultd.experiment.Permit;
import io.faultd.experiment.Status;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.linux.proc.Procfs;
import io.faultd.testing.Eventually;
import io.faultd.testing.Requires;
import io.faultd.testing.TargetJvm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

@Requires("root")
class PreparationsTest {
  private static final List<String> OWN_PIDS =
      List.of(
          "unshare",
          "--mount",
          "--pid",
          "--fork",
          "--kill-child",
          "--mount-proc",
          "--propagation",
          "private",
          "sh",
          "-c",
          "mount -t tmpfs none /tmp && \"$0\" \"$@\"; exit");

  @TempDir Path data;
  private JvmNode node;
  private TargetJvm target;

  @BeforeEach
  void start() throws Exception {
    node = new JvmNode(data);
    target = TargetJvm.of(17);
  }

  @AfterEach
  void stop() {
    node.close();
    target.close();
  }

  private PreparationOrder mine(boolean refresh) {
    return new PreparationOrder("mine", "jvm", null, target.pid(), null, null, refresh, false);
  }

  @Test
  void oneIsRunningWhenTheAgentHasAnsweredAndIsTakenByTheNext() {
    Prepared prepared = node.prepare(target.pid());
    assertNull(prepared.failure());
    assertEquals(Prepared.Kind.NEW, prepared.kind());
    Preparation record = prepared.preparation();
    assertEquals(PreparationStatus.RUNNING, record.status());
    assertEquals("java", record.process());
    Prepared again =
        node.preparations.create(
            new PreparationOrder(null, "java", target.tag(), null, "/jdk", "80", false, false));
    assertEquals(Prepared.Kind.EXISTING, again.kind());
    assertEquals(record.uid(), again.preparation().uid());
    assertEquals(2, again.warnings().size());
    assertEquals(List.of(), target.left());
  }

  @Test
  void anotherUidOfOnesOwnIsToldWhichThereIs() {
    Preparation first = node.prepare(target.pid()).preparation();
    FaultException taken =
        assertThrows(FaultException.class, () -> node.preparations.create(mine(false)));
    assertEquals(Reason.CONFLICT, taken.reason());
    assertEquals(Optional.of("uid"), taken.field());
    assertTrue(taken.getMessage().contains("prepared as " + first.uid()), taken.getMessage());
    assertTrue(node.preparations.get("mine").isEmpty());
  }

  @Test
  void refreshEndsTheOneThatIsThere() {
    Preparation first = node.prepare(target.pid()).preparation();
    Preparation second = node.preparations.create(mine(true)).preparation();
    assertEquals("mine", second.uid());
    assertEquals(
        PreparationStatus.REVOKED, node.preparations.get(first.uid()).orElseThrow().status());
    assertEquals(Prepared.Kind.EXISTING, node.preparations.create(mine(false)).kind());
    node.preparations.revoke("mine");
    FaultException taken =
        assertThrows(FaultException.class, () -> node.preparations.create(mine(false)));
    assertEquals(Reason.CONFLICT, taken.reason());
  }

  @Test
  void aUidIsNotRefreshedAndSaysSo() {
    node.preparations.create(mine(false));
    FaultException taken =
        assertThrows(FaultException.class, () -> node.preparations.create(mine(true)));
    assertEquals(Reason.CONFLICT, taken.reason());
    assertEquals(PreparationStatus.RUNNING, node.preparations.get("mine").orElseThrow().status());
  }

  @Test
  void oneUidIsOneOfTwoJvmsThatAreOrderedAtOnce() throws Exception {
    try (TargetJvm other = TargetJvm.of(17);
        ExecutorService both = Executors.newFixedThreadPool(2)) {
      CyclicBarrier together = new CyclicBarrier(2);
      List<Future<Prepared>> answers = new ArrayList<>();
      for (TargetJvm each : List.of(target, other)) {
        answers.add(
            both.submit(() -> {
              together.await();
              return node.preparations.create(
                  new PreparationOrder("mine", "jvm", null, each.pid(), null, null, false, false));
            }));
      }
      int made = 0;
      for (Future<Prepared> answer : answers) {
        try {
          made += answer.get().kind() == Prepared.Kind.NEW ? 1 : 0;
        } catch (ExecutionException e) {
          FaultException refused = assertInstanceOf(FaultException.class, e.getCause());
          assertEquals(Reason.CONFLICT, refused.reason(), refused.getMessage());
        }
      }
      assertEquals(1, made);
      assertEquals(1, running().size());
    }
  }

  @Test
  void ofAnAgentThatDidNotSayGoodbyeOneIsToldUntilItIsOver() throws Exception {
    node.inject(target.pid(), "delay", "classname", "Shop", "methodname", "price", "time", "300");
    Preparation record = running().getFirst();
    target.signal("STOP");
    Eventually.eventually("stopped", () -> Procfs.HOST.stopped(target.pid()) == Procfs.Stopped.YES);
    Preparation revoked = node.preparations.revoke(record.uid());
    assertTrue(revoked.error().contains("its rules go when it goes on"), revoked.error());
    assertTrue(farewells() > 0, "somebody waits for it");
    target.signal("CONT");
    Eventually.eventually("over", () -> farewells() == 0);
    assertTrue(target.millis("price 1") < 250);
    assertEquals(List.of(), target.left());
  }

  private static long farewells() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(each -> each.getName().startsWith("faultd-farewell-"))
        .count();
  }

  @Test
  void aDaemonThatEndsWaitsForSilentAgentsForFourSecondsAndNotForEach() throws Exception {
    try (TargetJvm second = TargetJvm.of(17);
        TargetJvm third = TargetJvm.of(17)) {
      node.prepare(target.pid());
      node.prepare(second.pid());
      Thread attaching = Thread.ofPlatform().start(() -> node.prepare(third.pid()));
      Eventually.eventually("it begins", () -> !third.left().isEmpty());
      for (TargetJvm each : List.of(target, second, third)) {
        each.signal("STOP");
      }
      long begin = System.nanoTime();
      node.preparations.close();
      assertTrue(System.nanoTime() - begin < Duration.ofMillis(4_500).toNanos());
      for (TargetJvm each : List.of(target, second, third)) {
        each.signal("CONT");
      }
      attaching.join();
      Eventually.eventually("over", () -> farewells() == 0);
    }
  }

  @Test
  void revokeEndsItsExperimentsFirstAndMayBeRepeated() {
    Experiment delay =
        node.inject(
            target.pid(), "delay", "classname", "Shop", "methodname", "price", "time", "200");
    Preparation record = running().getFirst();
    assertTrue(target.millis("price 1") >= 195);
    assertEquals(PreparationStatus.REVOKED, node.preparations.revoke(record.uid()).status());
    assertEquals(Status.DESTROYED, node.now(delay).status());
    assertTrue(target.millis("price 1") < 150);
    assertEquals(PreparationStatus.REVOKED, node.preparations.revoke(record.uid()).status());
    assertEquals(List.of(), target.left());
  }

  @Test
  void anAsyncOneBecomesRunning() throws Exception {
    Prepared accepted =
        node.preparations.create(
            new PreparationOrder(null, "jvm", null, target.pid(), null, null, false, true));
    assertEquals(Prepared.Kind.ACCEPTED, accepted.kind());
    assertEquals(PreparationStatus.CREATED, accepted.preparation().status());
    Eventually.eventually("running", () -> !running().isEmpty());
    assertEquals(accepted.preparation().uid(), running().getFirst().uid());
  }

  @Test
  void oneThatFailsKeepsARecord() {
    try (TargetJvm closed = TargetJvm.of(17, "-XX:+DisableAttachMechanism")) {
      Prepared failed = node.prepare(closed.pid());
      assertNotNull(failed.failure());
      assertEquals(Reason.UNSUPPORTED, failed.failure().reason());
      Preparation record = node.preparations.get(failed.preparation().uid()).orElseThrow();
      assertEquals(PreparationStatus.ERROR, record.status());
      assertTrue(record.error().contains("DisableAttachMechanism"), record.error());
      assertEquals(PreparationStatus.REVOKED, node.preparations.revoke(record.uid()).status());
    }
  }

  @Test
  void whatNamesNoJvmOrAProtectedOneKeepsNone() {
    refused(
        Reason.MISSING_PARAMETER,
        45000,
        new PreparationOrder(null, "jvm", null, null, null, null, false, false));
    refused(
        Reason.ILLEGAL_PARAMETER,
        46000,
        new PreparationOrder(null, "php", "x", null, null, null, false, false));
    refused(
        Reason.TARGET_NOT_FOUND,
        47001,
        new PreparationOrder(
            null, "jvm", "no-such-" + target.tag(), null, null, null, false, false));
    refused(
        Reason.TARGET_NOT_FOUND,
        47002,
        new PreparationOrder(null, "jvm", "no-such", target.pid(), null, null, false, false));
    assertEquals(List.of(), node.preparations.list(new PreparationQuery(null, null, 0, 10, false)));
    assertEquals(
        Reason.UNKNOWN_UID,
        assertThrows(FaultException.class, () -> node.preparations.revoke("nobody")).reason());
  }

  @Test
  void oneWhoseTargetEndsIsRevokedAndSaysSo() throws Exception {
    Preparation record = node.prepare(target.pid()).preparation();
    target.signal("KILL");
    Eventually.eventually(
        "revoked",
        () ->
            node.preparations.get(record.uid()).orElseThrow().status()
                == PreparationStatus.REVOKED);
    String error = node.preparations.get(record.uid()).orElseThrow().error();
    assertTrue(error.startsWith("target-gone: process " + target.pid()), error);
  }

  @Test
  void afterARestartTheyAreRevokedAndTheAgentIsFoundAgain() {
    Preparation record = node.prepare(target.pid()).preparation();
    node.close();
    node = reopened();
    assertEquals(
        PreparationStatus.REVOKED, node.preparations.get(record.uid()).orElseThrow().status());
    Preparation again = node.prepare(target.pid()).preparation();
    assertNotEquals(record.uid(), again.uid());
    assertEquals(PreparationStatus.RUNNING, again.status());
    assertEquals(List.of(), target.left());
  }

  @Test
  void whoMayNotEndAnExperimentEndsItNeitherByRevokeNorByRefresh() {
    Experiment statements = node.injectOf("psql", target.pid(), "delay", "time", "200");
    String uid = running().getFirst().uid();
    Permit methods = permit(Set.of("host"), Set.of("jvm"));
    forbidden(() -> node.preparations.revoke(uid, methods));
    forbidden(() -> node.preparations.create(refresh(methods)));
    Order anew =
        new Order(
            null,
            "",
            "jvm",
            "delay",
            Map.of(
                "pid",
                Integer.toString(target.pid()),
                "classname",
                "Shop",
                "methodname",
                "price",
                "time",
                "1",
                "refresh",
                "true"),
            "",
            Map.of());
    Experiments.Waiting until = new Experiments.Waiting(null, () -> false, null);
    FaultException refused = forbidden(() -> node.experiments().create(anew.by(methods), until));
    assertEquals(Optional.of("refresh"), refused.field());
    forbidden(() -> node.experiments().plan(anew.by(permit(Set.of("host"), Set.of()))));
    assertEquals(Status.SUCCESS, node.now(statements).status());
    assertEquals(uid, running().getFirst().uid());
    Permit both = permit(Set.of("host"), Set.of("jvm", "psql"));
    assertEquals(PreparationStatus.REVOKED, node.preparations.revoke(uid, both).status());
    assertEquals(Status.DESTROYED, node.now(statements).status());
  }

  @Test
  void aTokenForContainersPreparesTheirJvmsAndNoneOfTheNode() throws Exception {
    Permit containers = permit(Set.of("cri"), Set.of("jvm"));
    forbidden(() -> node.preparations.create(refresh(containers)));
    assertEquals(List.of(), running());
    String own = node.prepare(target.pid()).preparation().uid();
    forbidden(() -> node.preparations.revoke(own, containers));
    assertEquals(own, running().getFirst().uid());
    try (TargetJvm inside = TargetJvm.in(OWN_PIDS, 17)) {
      Prepared prepared =
          node.preparations.create(
              new PreparationOrder(
                  null, "jvm", null, inside.pid(), null, null, false, false, containers));
      assertEquals(PreparationStatus.RUNNING, prepared.preparation().status());
      String uid = prepared.preparation().uid();
      assertEquals(PreparationStatus.REVOKED, node.preparations.revoke(uid, containers).status());
    }
  }

  private PreparationOrder refresh(Permit permit) {
    return new PreparationOrder(null, "jvm", null, target.pid(), null, null, true, false, permit);
  }

  private static Permit permit(Set<String> scopes, Set<String> targets) {
    return new Permit(new Actor("ci", ""), scopes, targets, false);
  }

  private static FaultException forbidden(Executable order) {
    FaultException refused = assertThrows(FaultException.class, order);
    assertEquals(Reason.FORBIDDEN, refused.reason());
    return refused;
  }

  private JvmNode reopened() {
    try {
      return new JvmNode(data);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private List<Preparation> running() {
    return node.preparations.list(
        new PreparationQuery("jvm", PreparationStatus.RUNNING, 0, 10, false));
  }

  private void refused(Reason reason, int code, PreparationOrder order) {
    FaultException refusal =
        assertThrows(FaultException.class, () -> node.preparations.create(order));
    assertEquals(reason, refusal.reason(), refusal.getMessage());
    assertEquals(code, refusal.code());
  }
}
