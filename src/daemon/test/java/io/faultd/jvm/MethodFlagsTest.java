package io.faultd.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.Created;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Status;
import io.faultd.fault.Effect.State;
import io.faultd.fault.Reason;
import io.faultd.preparation.PreparationStatus;
import io.faultd.testing.Eventually;
import io.faultd.testing.TargetJvm;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the flags do that all actions at methods have. */
class MethodFlagsTest extends JvmFaultTest {
  private Experiment sevens(TargetJvm target, String... more) {
    String[] flags = Stream.concat(Stream.of("value", "7"), Stream.of(more)).toArray(String[]::new);
    return node.inject(target.pid(), "return", price(flags));
  }

  @Test
  void effectPercentStrikesExactlySoManyOfEachHundredCalls() throws Exception {
    TargetJvm target = target(17);
    for (int percent : new int[] {1, 30, 100}) {
      Experiment share = sevens(target, "effect-percent", "" + percent);
      assertEquals("unusual " + 10 * percent, target.ask("many 1000"));
      hits(share, 10 * percent);
      undone(share, target);
    }
  }

  @Test
  void effectCountStrikesTheFirstCallsWhateverThePercent() throws Exception {
    TargetJvm target = target(17);
    Experiment few = sevens(target, "effect-count", "3", "effect-percent", "1");
    assertTrue(few.warnings().toString().contains("effect-percent: ignored"));
    assertEquals("unusual 3", target.ask("many 3"));
    assertEquals("unusual 0", target.ask("many 1000"));
    hits(few, 3);
    assertTrue(String.valueOf(node.now(few).effect().detail()).contains("effect-count"));
    undone(few, target);
  }

  @Test
  void argumentStrikesOnlyCallsThatHaveThem() throws Exception {
    TargetJvm target = target(25);
    Experiment four = sevens(target, "argument", "0=tea,1=4");
    assertEquals("7", target.result("price 4"));
    assertEquals("15", target.result("price 5"));
    hits(four, 1);
    undone(four, target);
    for (String wrong : new String[] {"tea", "x=1", "0=a,1=b,2=c", ""}) {
      refused(
          Reason.ILLEGAL_PARAMETER,
          "argument",
          () -> node.create(target.pid(), "return", price("value", "7", "argument", wrong)));
    }
  }

  @Test
  void offsetMakesDelaysLongerAndShorter() {
    TargetJvm target = target(17);
    Experiment about = node.inject(target.pid(), "delay", price("time", "60", "offset", "50"));
    long[] took = LongStream.range(0, 30).map(i -> target.millis("price 4")).sorted().toArray();
    assertTrue(took[0] >= 10 && took[0] < 50, took[0] + " ms is the shortest");
    assertTrue(took[29] > 70, took[29] + " ms is the longest");
    undone(about, target);
  }

  @Test
  void refreshSendsTheAgentAwayFirstWithAllItsRules() throws Exception {
    TargetJvm target = target(17);
    Experiment first = sevens(target);
    Experiment second = sevens(target, "refresh", "true", "effect-count", "1");
    assertEquals(Status.DESTROYED, node.now(first).status());
    assertEquals("7", target.result("price 4"));
    assertEquals("12", target.result("price 4"), "only the second is there");
    hits(second, 1);
    assertEquals(2, node.preparations.list(ALL).size());
    assertEquals(
        PreparationStatus.REVOKED, node.preparations.list(ALL).getLast().status(), "the older");
    undone(second, target);
  }

  @Test
  void oneWhoseClassIsNotLoadedWaitsSaysSoAndStrikesWhenItComes() throws Exception {
    TargetJvm target = target(25);
    Experiment late =
        node.inject(
            target.pid(),
            "return",
            "classname",
            "Shop$Tea",
            "methodname",
            "weigh",
            "value",
            "nothing");
    assertEquals(State.RAMPING, late.effect().state());
    assertEquals("Shop$Tea is not loaded yet", late.effect().detail());
    assertEquals("nothing", target.result("weigh tea"));
    hits(late, 1);
    Eventually.eventually("settled", () -> node.now(late).effect().state() == State.SETTLED);
    undone(late, target);
    assertEquals("tea", target.result("weigh tea"));
  }

  @Test
  void processFindsTheJvmByAPartOfItsCommandLine() {
    TargetJvm other = target(17);
    TargetJvm target = target(17);
    Map<String, String> flags = new HashMap<>();
    flags.put("process", target.tag());
    flags.put("classname", "Shop");
    flags.put("methodname", "price");
    flags.put("value", "7");
    flags.put("javaHome", "/opt/java");
    Created created = node.create("jvm", "return", flags);
    assertNull(created.failure());
    assertTrue(created.experiment().warnings().toString().contains("javaHome: ignored"));
    assertEquals("7", target.result("price 4"));
    assertEquals("12", other.result("price 4"));
    undone(created.experiment(), target);
    flags.put("process", TargetJvm.classes().toString());
    refused(Reason.ILLEGAL_PARAMETER, "process", () -> node.create("jvm", "return", flags));
    flags.put("process", target.tag());
    flags.put("pid", Integer.toString(other.pid()));
    refused(Reason.TARGET_NOT_FOUND, "pid", () -> node.create("jvm", "return", flags));
    flags.remove("pid");
    flags.put("process", "tag=nobody");
    refused(Reason.TARGET_NOT_FOUND, "process", () -> node.create("jvm", "return", flags));
  }

  @Test
  void overrideStrikesWhatImplementsTheMethodAlsoWhenItComesLater() throws Exception {
    TargetJvm target = target(25);
    assertEquals("tea", target.result("weigh tea"));
    String[] stall = {"classname", "Shop$Stall", "methodname", "weigh", "value", "nothing"};
    refused(Reason.UNSUPPORTED, "methodname", target, "return", stall);
    String[] constructors = {
      "classname", "Shop", "methodname", "<init>", "time", "1", "override", "true"
    };
    refused(Reason.ILLEGAL_PARAMETER, "override", target, "delay", constructors);
    String[] below =
        Stream.concat(Stream.of(stall), Stream.of("override", "true")).toArray(String[]::new);
    Experiment all = node.inject(target.pid(), "return", below);
    assertEquals("nothing", target.result("weigh tea"));
    assertEquals("nothing", target.result("weigh fruit"), "loaded by this call");
    hits(all, 2);
    undone(all, target);
    assertEquals("tea", target.result("weigh tea"));
    assertEquals("fruit", target.result("weigh fruit"));
  }
}
