package io.faultd.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.Experiment;
import io.faultd.experiment.Status;
import io.faultd.fault.Effect.State;
import io.faultd.fault.Reason;
import io.faultd.preparation.PreparationStatus;
import io.faultd.testing.Eventually;
import io.faultd.testing.TargetJvm;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What the flags do that all actions at methods have. */
class MethodFlagsTest extends JvmFaultTest {
  private Experiment sevens(TargetJvm target, String... more) {
    String[] flags = new String[6 + more.length];
    System.arraycopy(new String[] {"classname", "Shop", "methodname", "price"}, 0, flags, 0, 4);
    System.arraycopy(new String[] {"value", "7"}, 0, flags, 4, 2);
    System.arraycopy(more, 0, flags, 6, more.length);
    return node.inject(target.pid(), "return", flags);
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
          () ->
              node.create(
                  target.pid(),
                  "return",
                  "classname",
                  "Shop",
                  "methodname",
                  "price",
                  "value",
                  "7",
                  "argument",
                  wrong));
    }
  }

  @Test
  void offsetMakesDelaysLongerAndShorter() {
    TargetJvm target = target(17);
    Experiment about =
        node.inject(
            target.pid(),
            "delay",
            "classname",
            "Shop",
            "methodname",
            "price",
            "time",
            "60",
            "offset",
            "50");
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
}
