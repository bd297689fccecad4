package io.faultd.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.Created;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Status;
import io.faultd.fault.Effect.State;
import io.faultd.fault.Reason;
import io.faultd.linux.proc.Procfs;
import io.faultd.preparation.Preparation;
import io.faultd.testing.Eventually;
import io.faultd.testing.Frozen;
import io.faultd.testing.Requires;
import io.faultd.testing.TargetJvm;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class JvmDelayTest extends JvmFaultTest {
  @ParameterizedTest
  @MethodSource("io.faultd.testing.TargetJvm#versions")
  void makesCallsWaitUntilItIsDestroyed(int version) throws Exception {
    TargetJvm target = target(version);
    Experiment delay = node.inject(target.pid(), "delay", price("time", "300"));
    assertEquals(State.SETTLED, delay.effect().state());
    assertTrue(target.millis("price 4") >= 295);
    assertEquals("12", target.result("price 4"));
    assertTrue(target.millis("sell tea") < 200, "another method");
    hits(delay, 2);
    undone(delay, target);
    assertTrue(target.millis("price 4") < 200);
  }

  @Test
  void wakesThoseThatWaitWhenItIsDestroyed() {
    TargetJvm target = target(17);
    Experiment delay = node.inject(target.pid(), "delay", price("time", "60s"));
    target.ask("start");
    target.ask("start");
    long begin = System.nanoTime();
    undone(delay, target);
    assertTrue(target.millis("join") < 1000);
    assertTrue(System.nanoTime() - begin < 10_000_000_000L);
  }

  @Test
  void waitsForAClassThatIsNotLoadedAndSaysSo() throws Exception {
    TargetJvm target = target(17);
    Experiment delay =
        node.inject(
            target.pid(), "delay", "classname", "Shop$Late", "methodname", "name", "time", "300");
    assertEquals(State.RAMPING, delay.effect().state());
    assertTrue(String.valueOf(delay.effect().detail()).contains("not loaded"));
    assertTrue(target.millis("late") >= 295);
    hits(delay, 1);
    Eventually.eventually("settled", () -> node.now(delay).effect().state() == State.SETTLED);
    undone(delay, target);
    assertTrue(target.millis("late") < 200);
  }

  @Test
  void strikesAsOftenAsItShould() throws Exception {
    TargetJvm target = target(17);
    Experiment thrice =
        node.inject(target.pid(), "delay", price("time", "100", "effect-count", "3"));
    long begin = System.nanoTime();
    target.ask("many 1000");
    assertTrue(System.nanoTime() - begin >= 295_000_000L);
    hits(thrice, 3);
    assertTrue(target.millis("price 4") < 95);
    undone(thrice, target);
  }

  @Test
  void severalInOneMethodAddUpAndGoOneByOne() throws Exception {
    TargetJvm target = target(25);
    String[] where = price("time", "200");
    Experiment first = node.inject(target.pid(), "delay", where);
    Experiment second = node.inject(target.pid(), "delay", where);
    assertTrue(target.millis("price 4") >= 395);
    node.destroy(first);
    long left = target.millis("price 4");
    assertTrue(left >= 195 && left < 395, left + " ms");
    undone(second, target);
  }

  @Test
  void endsInErrorWhenItsTargetEnds() throws Exception {
    TargetJvm target = target(17);
    Experiment delay = node.inject(target.pid(), "delay", price("time", "1"));
    target.signal("KILL");
    Eventually.eventually("error", () -> node.now(delay).status() == Status.ERROR);
    assertTrue(node.now(delay).error().startsWith("target-gone"), node.now(delay).error());
    assertEquals(Status.DESTROYED, node.destroy(delay).status());
  }

  @Test
  void isDestroyedWhenItsTargetGoesOnThatWasStoppedMeanwhile() throws Exception {
    TargetJvm target = target(17);
    Experiment delay = stopped(target);
    Eventually.eventually("degraded", () -> node.now(delay).effect().state() == State.DEGRADED);
    Experiment tried = node.destroy(delay);
    assertEquals(Status.ERROR, tried.status(), "it may still be there");
    assertEquals(Reason.RESIDUE, tried.failure());
    String left = tried.residue().getFirst().toString();
    assertTrue(left.contains("delay in Shop#price") && left.contains("is stopped"), left);
    Eventually.eventually("tried again", () -> node.now(delay).residue().getFirst().tries() > 1);
    target.signal("CONT");
    assertTrue(target.millis("price 4") < 200, "removed as the first thing");
    Eventually.eventually("destroyed", () -> node.now(delay).status() == Status.DESTROYED);
    assertEquals(List.of(), node.now(delay).residue());
    undone(delay, target);
  }

  @Test
  @Requires("freezer")
  void isDestroyedWhileItsTargetDoesNotAnswerAndTakenBackWhenItDoes() throws Exception {
    TargetJvm target = target(17);
    node.prepare(target.pid());
    try (Frozen agent = new Frozen(target.pid(), "faultd-agent")) {
      agent.tell(true);
      CompletableFuture<Created> order =
          CompletableFuture.supplyAsync(
              () -> node.create(target.pid(), "delay", price("time", "300")));
      Eventually.eventually("ordered", () -> within("faultd-rule-", "add"));
      Experiment delay = node.experiments().unended().getFirst();
      Experiment tried = node.destroy(delay);
      assertEquals(Status.ERROR, tried.status(), "it may still come");
      assertTrue(tried.residue().toString().contains("has not answered yet"), tried.toString());
      assertEquals(Reason.RESIDUE, order.get().failure().reason());
      agent.tell(false);
      Eventually.eventually("destroyed", () -> node.now(delay).status() == Status.DESTROYED);
      assertTrue(target.millis("price 4") < 200);
      undone(delay, target);
    }
  }

  @Test
  void isRefusedAtOnceForAPreparedTargetThatIsStoppedWhichHearsNothingOfIt() throws Exception {
    TargetJvm target = target(17);
    node.prepare(target.pid());
    target.signal("STOP");
    Eventually.eventually("stopped", () -> Procfs.HOST.stopped(target.pid()) == Procfs.Stopped.YES);
    Created created = node.create(target.pid(), "delay", price("time", "300"));
    assertEquals(Reason.UNSUPPORTED, created.failure().reason());
    assertEquals(List.of(), node.now(created.experiment()).residue());
    target.signal("CONT");
    assertTrue(target.millis("price 4") < 200);
    undone(created.experiment(), target);
  }

  @Test
  void isNotCalledDestroyedWhenTheAgentOfAStoppedTargetIsSentAway() throws Exception {
    TargetJvm target = target(17);
    Experiment delay = stopped(target);
    Preparation record = node.preparations.list(ALL).getFirst();
    Preparation revoked = node.preparations.revoke(record.uid());
    assertTrue(revoked.error().contains("which is stopped (SIGSTOP)"), revoked.error());
    assertEquals(Status.ERROR, node.now(delay).status());
    target.signal("CONT");
    Eventually.eventually("gone with its agent", () -> target.millis("price 4") < 200);
    Eventually.eventually(
        "which says so a moment later", () -> node.destroy(delay).status() == Status.DESTROYED);
  }

  @Test
  void tellsOfATargetThatIsFrozenWhatItIs() throws Exception {
    TargetJvm target = target(17);
    try (Frozen frozen = new Frozen(target.pid())) {
      Preparation record = node.prepare(target.pid()).preparation();
      frozen.tell(true);
      Preparation revoked = node.preparations.revoke(record.uid());
      String told = "which is frozen (by its control group), did not say that it ended";
      assertTrue(revoked.error().contains(told), revoked.error());
    }
    assertEquals("12", target.result("price 4"));
    Eventually.eventually("nothing is left", () -> target.left().isEmpty());
  }

  @Test
  void preparesNothingAnyMoreWhenItIsDestroyedWhileOthersAreAtWorkThere() throws Exception {
    TargetJvm target = target(17);
    Preparation first = node.prepare(target.pid()).preparation();
    target.signal("STOP");
    Eventually.eventually("stopped", () -> Procfs.HOST.stopped(target.pid()) == Procfs.Stopped.YES);
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Preparation> revoked = clients.submit(() -> node.preparations.revoke(first.uid()));
      Eventually.eventually("being revoked", () -> within("faultd-revoke-", "goodbye"));
      Future<Created> order =
          clients.submit(() -> node.create(target.pid(), "delay", price("time", "300")));
      Eventually.eventually("it waits", () -> within("faultd-rule-", "work"));
      Experiment delay = node.experiments().unended().getFirst();
      node.destroy(delay);
      target.signal("CONT");
      Eventually.eventually("destroyed", () -> node.now(delay).status() == Status.DESTROYED);
      order.get();
      revoked.get();
      List<Preparation> prepared = node.preparations.list(ALL);
      assertEquals(List.of(first.uid()), prepared.stream().map(Preparation::uid).toList());
      undone(delay, target);
    }
  }

  /** Whether a thread of ours is in a method. */
  private static boolean within(String thread, String method) {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(each -> each.getKey().getName().startsWith(thread))
        .flatMap(each -> Stream.of(each.getValue()))
        .anyMatch(frame ->
            frame.getClassName().startsWith("io.faultd.") && frame.getMethodName().equals(method));
  }

  @Test
  void isDestroyedWhenItsTargetEndsThatWasStopped() throws Exception {
    TargetJvm target = target(17);
    Experiment delay = stopped(target);
    assertEquals(Status.ERROR, node.destroy(delay).status());
    target.signal("KILL");
    Eventually.eventually("destroyed", () -> node.now(delay).status() == Status.DESTROYED);
  }

  @Test
  void isGivenUpByForceWhileItsTargetIsStopped() throws Exception {
    TargetJvm target = target(17);
    Experiment delay = stopped(target);
    Experiment forced = node.experiments().destroy(delay.uid(), true).experiment();
    assertEquals(Status.DESTROYED, forced.status());
    assertTrue(forced.warnings().toString().contains("given up: delay in Shop#price"));
    target.signal("CONT");
    assertTrue(target.millis("price 4") < 200);
  }

  private Experiment stopped(TargetJvm target) throws Exception {
    Experiment delay = node.inject(target.pid(), "delay", price("time", "300"));
    target.signal("STOP");
    Eventually.eventually("stopped", () -> Procfs.HOST.stopped(target.pid()) == Procfs.Stopped.YES);
    return delay;
  }

  @Test
  void isRefusedWhereItCouldNeverStrike() {
    TargetJvm target = target(17);
    refused(Reason.ILLEGAL_PARAMETER, "time", target, "delay", price("time", "0"));
    refused(
        Reason.ILLEGAL_PARAMETER,
        "methodname",
        target,
        "delay",
        "classname",
        "Shop",
        "methodname",
        "prize",
        "time",
        "5");
    refused(
        Reason.ILLEGAL_PARAMETER,
        "classname",
        target,
        "delay",
        "classname",
        "Shop/Item",
        "methodname",
        "price",
        "time",
        "5");
    refused(
        Reason.ILLEGAL_PARAMETER,
        "effect-percent",
        target,
        "delay",
        price("time", "5", "effect-percent", "0"));
    refused(
        Reason.MISSING_PARAMETER, "classname", target, "delay", "methodname", "price", "time", "5");
    refused(
        Reason.ILLEGAL_PARAMETER, "colour", target, "delay", price("time", "5", "colour", "red"));
    assertEquals("12", target.result("price 4"));
    undoneRules(target);
  }

  private void undoneRules(TargetJvm target) {
    assertEquals("unusual 0", target.ask("many 100"));
    assertEquals(List.of(), target.left());
  }
}
