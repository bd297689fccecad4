package io.faultd.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.agent.testing.TargetJvm;
import io.faultd.agent.testing.TargetJvm.Reply;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** What rules do to calls, in a JVM of each kind that is here. */
class RulesTest extends RulesInEachJvm {
  @EachJvm
  void delaysForAsLongAsAskedAndNoLongerThanTheRule(TargetJvm jvm) throws IOException {
    jvm.run("call " + SUBJECT + " add 1 2");
    assertArmed(add(jvm, "delay", "add", "time=100"));
    Map<String, String> result = jvm.run("repeat 1 3 " + SUBJECT + " add 1 2");
    assertEquals("3", result.get("last"));
    assertTrue(Long.parseLong(result.get("millis")) >= 300, result.toString());
    assertEquals("3", jvm.ask("list").item("hits"));
    assertEquals("3", jvm.ask("remove", "rule=rule").get("hits"));
    assertTrue(Long.parseLong(jvm.run("repeat 1 3 " + SUBJECT + " add 1 2").get("millis")) < 100);
  }

  @EachJvm
  void aLongDelayIsOverWithItsRule(TargetJvm jvm) throws IOException {
    jvm.run("call " + SUBJECT + " touch");
    assertArmed(add(jvm, "delay", "touch", "time=60000"));
    jvm.send("repeat 4 1 " + SUBJECT + " touch");
    while (!jvm.ask("list").item("hits").equals("4")) {
      Thread.onSpinWait();
    }
    long start = System.nanoTime();
    jvm.ask("remove", "rule=rule");
    assertEquals("4", jvm.result().get("returned"));
    assertTrue(System.nanoTime() - start < 2_000_000_000L);
  }

  @EachJvm
  void throwsWhatIsAsked(TargetJvm jvm) throws IOException {
    jvm.run("call " + SUBJECT + " greet you");
    assertArmed(
        add(
            jvm,
            "throwCustomException",
            "greet",
            "exception=java.sql.SQLException",
            "exception-message=no way; out = 100%"));
    assertEquals("java.sql.SQLException: no way; out = 100% at greet", last(jvm, "greet you"));
  }

  @EachJvm
  void throwsTheFirstExceptionThatIsDeclared(TargetJvm jvm) throws IOException {
    jvm.run("call " + SUBJECT + " risky you");
    assertArmed(add(jvm, "throwDeclaredException", "risky"));
    assertEquals("java.io.IOException: chaosblade-mock-exception at risky", last(jvm, "risky you"));
    Reply none = place(jvm, "none", "throwDeclaredException", SUBJECT, "greet");
    assertEquals("not-weavable methodname", none.get("kind") + " " + none.get("flag"));
  }

  @EachJvm
  void returnsValuesOfEveryType(TargetJvm jvm) throws IOException {
    jvm.run("call " + SUBJECT + " touch");
    String[][] all = {
      {"add", "42", "add 1 2", "42"},
      {"greet", "a b=c;%", "greet you", "a b=c;%"},
      {"wide", "-7", "wide 1 2.5", "-7"},
      {"yes", "false", "yes", "false"},
      {"letter", "z", "letter", "z"},
      {"small", "-128", "small", "-128"},
      {"shorter", "32000", "shorter", "32000"},
      {"single", "0.25", "single", "0.25"},
      {"number", "1e10", "number", "1.0E10"},
      {"boxed", "2147483647", "boxed", "2147483647"},
      {"any", "text", "any", "text"},
      {"list", "null", "list", "null"},
      {"array", "null", "array", "null"},
      {"touch", "null", "touch", "null"},
    };
    for (String after : List.of("false", "true")) {
      for (String[] each : all) {
        assertArmed(add(jvm, "return", each[0], "value=" + each[1], "after=" + after));
        assertEquals(each[3], last(jvm, each[2]), each[0]);
        assertEquals("1", jvm.ask("remove", "rule=rule").get("hits"), each[0]);
      }
    }
    assertEquals("6", last(jvm, "wide 0 2.5"));
  }

  @EachJvm
  void strikesWhenTheMethodReturnsIfAsked(TargetJvm jvm) throws IOException {
    jvm.run("call " + SUBJECT + " risky you");
    assertArmed(
        add(
            jvm,
            "throwCustomException",
            "risky",
            "exception=java.lang.IllegalStateException",
            "after=true"));
    assertEquals(
        "java.lang.IllegalStateException: chaosblade-mock-exception at risky",
        last(jvm, "risky you"));
    assertTrue(last(jvm, "risky missing").startsWith("java.io.FileNotFoundException"));
    assertEquals("1", jvm.ask("list").item("hits"));
  }

  @EachJvm
  void looksAtArguments(TargetJvm jvm) throws IOException {
    jvm.run("call " + SUBJECT + " touch");
    assertArmed(add(jvm, "return", "greet", "value=no", "argument=0=you"));
    assertEquals("no hello me", last(jvm, "greet you") + " " + last(jvm, "greet me"));
    jvm.ask("remove", "rule=rule");
    assertArmed(add(jvm, "return", "add", "value=0", "argument=0=1,1=-2", "after=true"));
    assertEquals("0 3", last(jvm, "add 1 -2") + " " + last(jvm, "add 1 2"));
    jvm.ask("remove", "rule=rule");
    assertArmed(add(jvm, "return", "wide", "value=0", "argument=1=2.5"));
    assertEquals("0 10", last(jvm, "wide 1 2.5") + " " + last(jvm, "wide 1 3.5"));
    jvm.ask("remove", "rule=rule");
    assertArmed(add(jvm, "return", "state", "value=no", "argument=0=NEW"));
    assertEquals("no BLOCKED", last(jvm, "state NEW") + " " + last(jvm, "state BLOCKED"));
    jvm.ask("remove", "rule=rule");
    Reply lost = add(jvm, "return", "overwriting", "value=0", "argument=0=1", "after=true");
    assertEquals("not-weavable", lost.get("kind"), lost.toString());
  }

  @EachJvm
  void countsExactlyUnderEightThreads(TargetJvm jvm) throws IOException {
    jvm.run("call " + SUBJECT + " yes");
    assertArmed(
        add(jvm, "throwCustomException", "yes", "exception=java.lang.Error", "effect-count=1000"));
    Map<String, String> result = jvm.run("repeat 8 5000 " + SUBJECT + " yes");
    assertEquals("1000 39000", result.get("thrown") + " " + result.get("returned"));
    assertEquals("spent 1000", jvm.ask("list").item("state") + " " + jvm.ask("list").item("hits"));
  }

  @EachJvm
  void strikesTheShareThatIsAskedExactly(TargetJvm jvm) throws IOException {
    jvm.run("call " + SUBJECT + " yes");
    for (int percent : new int[] {0, 1, 30, 99, 100}) {
      assertArmed(
          add(
              jvm,
              "throwCustomException",
              "yes",
              "exception=java.lang.Error",
              "effect-percent=" + percent));
      Map<String, String> result = jvm.run("repeat 8 250 " + SUBJECT + " yes");
      assertEquals(Integer.toString(20 * percent), result.get("thrown"));
      jvm.ask("remove", "rule=rule");
    }
  }

  @EachJvm
  void rulesOfOneMethodGoInAndOutInAnyOrder(TargetJvm jvm) throws IOException {
    jvm.run("call " + SUBJECT + " touch");
    assertArmed(place(jvm, "a", "delay", SUBJECT, "add", "time=0"));
    assertArmed(place(jvm, "b", "return", SUBJECT, "add", "value=5", "argument=0=1"));
    assertArmed(place(jvm, "c", "return", SUBJECT, "add", "value=6"));
    assertEquals("5 6", last(jvm, "add 1 1") + " " + last(jvm, "add 2 2"));
    jvm.ask("remove", "rule=c");
    assertEquals("5 4", last(jvm, "add 1 1") + " " + last(jvm, "add 2 2"));
    jvm.ask("remove", "rule=b");
    assertEquals("2 4", last(jvm, "add 1 1") + " " + last(jvm, "add 2 2"));
    assertEquals("6", jvm.ask("remove", "rule=a").get("hits"));
    assertEquals("true", jvm.ask("remove", "rule=a").get("absent"));
  }

  @EachJvm
  void classesOfTheJdkAreWovenAndTheGateDoesNotCallItself(TargetJvm jvm) throws IOException {
    assertArmed(place(jvm, "a", "return", "java.lang.String", "codePointCount", "value=7"));
    assertEquals("7", jvm.run("call java.lang.String codePointCount 0 0").get("last"));
    assertArmed(
        place(jvm, "b", "delay", "java.util.concurrent.CountDownLatch", "await", "time=20"));
    assertArmed(place(jvm, "c", "delay", "java.util.HashMap", "get", "time=0"));
    assertArmed(place(jvm, "d", "delay", "java.lang.Long", "valueOf", "time=0"));
    assertEquals("3", last(jvm, "add 1 2"));
    assertArmed(place(jvm, "e", "delay", "java.lang.String", "equals", "time=0"));
    assertEquals("3", last(jvm, "add 1 2"));
    for (String type :
        List.of(
            "java.lang.ThreadLocal",
            "java.lang.ref.Reference",
            "java.util.concurrent.atomic.AtomicLong")) {
      Reply refused = place(jvm, "f", "delay", type, "get", "time=1");
      assertEquals("not-weavable classname", refused.get("kind") + " " + refused.get("flag"));
    }
    Reply looks =
        place(jvm, "f", "return", "java.lang.String", "equals", "value=true", "argument=0=x");
    assertEquals("not-weavable classname", looks.get("kind") + " " + looks.get("flag"));
  }

  @EachJvm
  void refusesWhatCanNeverBe(TargetJvm jvm) throws IOException {
    jvm.run("call " + SUBJECT + "$Below own");
    String[][] all = {
      {"delay", "no", "time=1", "no-method", "methodname"},
      {"delay", "add", "time=-1", "illegal", "time"},
      {"delay", "add", "time=soon", "illegal", "time"},
      {"delay", "add", "offset=1", "missing", "time"},
      {"return", "add", "value=x", "illegal", "value"},
      {"return", "list", "value=x", "illegal", "value"},
      {"throwCustomException", "add", "exception=no.Such", "illegal", "exception"},
      {"throwCustomException", "add", "exception=java.lang.String", "illegal", "exception"},
      {"shout", "add", "time=1", "unknown-action", "null"},
      {"return", "add", "values=1", "missing", "value"},
    };
    for (String[] each : all) {
      Reply reply = add(jvm, each[0], each[1], each[2]);
      assertEquals(each[3] + " " + each[4], reply.get("kind") + " " + reply.get("flag"), each[1]);
    }
    for (String bad :
        List.of("effect-count=0", "effect-percent=101", "timme=1", "argument=1", "after=maybe")) {
      Reply reply = add(jvm, "delay", "add", "time=1", bad);
      assertEquals("illegal", reply.get("kind"), bad);
      assertEquals(bad.substring(0, bad.indexOf('=')), reply.get("flag"));
    }
    Reply inherited = place(jvm, "x", "delay", SUBJECT + "$Below", "add", "time=1");
    assertTrue(inherited.get("text").contains("name " + SUBJECT), inherited.toString());
    assertEquals(List.of(), jvm.ask("list").items());
    assertEquals("3", last(jvm, "add 1 2"));
    add(jvm, "delay", "add", "time=1");
    assertEquals("conflict", add(jvm, "delay", "add", "time=1").get("kind"));
  }

  @EachJvm
  void burnsAsManyProcessorsAsAskedUntilItIsRemoved(TargetJvm jvm) throws IOException {
    Reply one = jvm.ask("add", "rule=a", "target=jvm", "action=cpufullload", "cpu-count=1");
    assertEquals("armed 1", one.get("state") + " " + one.get("threads"));
    assertEquals("1", jvm.ask("list").item("threads"));
    long before = jvm.process().info().totalCpuDuration().orElseThrow().toMillis();
    long last = System.nanoTime() + 20_000_000_000L;
    while (jvm.process().info().totalCpuDuration().orElseThrow().toMillis() < before + 300) {
      assertTrue(System.nanoTime() < last, "nothing burns");
    }
    assertEquals("ok", jvm.ask("remove", "rule=a").word());
    assertEquals("[faultd-agent]", jvm.run("threads").get("names"));
    Reply all = jvm.ask("add", "rule=a", "target=jvm", "action=cpufullload", "cpu-count=1000");
    assertEquals(Integer.toString(Runtime.getRuntime().availableProcessors()), all.get("threads"));
    jvm.ask("remove", "rule=a");
    Reply bad = jvm.ask("add", "rule=a", "target=jvm", "action=cpufullload", "cpu-count=-1");
    assertEquals("illegal cpu-count", bad.get("kind") + " " + bad.get("flag"));
  }
}
