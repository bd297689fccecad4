package io.faultd.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.agent.testing.TargetJvm;
import io.faultd.agent.testing.TargetJvm.Reply;
import io.faultd.targets.Dumper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How the agent comes and goes, and what it leaves. */
class SessionTest {
  private static final String SUBJECT = "io.faultd.targets.Subject";
  private static final String LATE = "io.faultd.targets.Shape$Circle";

  /** What an attach leaves for ever: the class that took it, and what woven code called. */
  private static final List<String> LEFT =
      List.of("io.faultd.agent.Launcher", "java.faultd.Gate", "java.faultd.Probe");

  @TempDir Path folder;

  static Stream<Path> homes() throws IOException {
    return TargetJvm.homes();
  }

  private static Reply delay(TargetJvm jvm, String rule, String method, String time)
      throws IOException {
    return jvm.ask(
        "add",
        "rule=" + rule,
        "target=jvm",
        "action=delay",
        "classname=" + SUBJECT,
        "methodname=" + method,
        "time=" + time);
  }

  private static void await(Check until) throws Exception {
    long last = System.nanoTime() + 10_000_000_000L;
    while (!until.holds()) {
      assertTrue(System.nanoTime() < last, "did not come about");
      Thread.onSpinWait();
    }
  }

  @ParameterizedTest
  @MethodSource("homes")
  void leavesNothingWhenItIsSentAway(Path home) throws Exception {
    try (TargetJvm jvm = TargetJvm.start(home)) {
      jvm.run("call " + SUBJECT + " add 1 2");
      List<String> files = jvm.files();
      jvm.load(dumper());
      String bytes = jvm.run("bytes " + SUBJECT).get("canonical");
      for (int i = 0; i < 3; i++) {
        Reply hello = jvm.attach(Map.of("lease", "60000"));
        assertEquals("hello", hello.word());
        assertEquals("ok", jvm.ask("prime").word());
        assertEquals("armed", delay(jvm, "a", "add", "1").get("state"));
        assertEquals("armed", delay(jvm, "b", "greet", "1").get("state"));
        assertEquals("3", jvm.run("call " + SUBJECT + " add 1 2").get("last"));
        assertEquals("2", jvm.run("threads").get("count"));
        jvm.load(dumper()); // it sees what those before it made of a class
        assertNotEquals(bytes, jvm.run("bytes " + SUBJECT).get("canonical"));
        assertEquals("ok", jvm.ask("off").word());
        await(() -> jvm.run("threads").get("count").equals("0"));
        assertEquals(bytes, jvm.run("bytes " + SUBJECT).get("canonical"));
        jvm.hangUp();
        await(() -> {
          jvm.run("gc");
          return jvm.classes().equals(LEFT);
        });
        List<String> more = jvm.files();
        more.removeAll(files);
        more.removeIf(name -> !name.contains("faultd-agent-test"));
        assertEquals(List.of(), more);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("homes")
  void theCodeOfARuleIsTakenOutWhenItsRemovalHasBeenAnswered(Path home) throws Exception {
    try (TargetJvm jvm = TargetJvm.start(home)) {
      jvm.run("call " + SUBJECT + " add 1 2");
      jvm.load(dumper());
      assertEquals("0", jvm.run("changes " + SUBJECT).get("count"));
      assertEquals("hello", jvm.attach(Map.of()).word());
      assertEquals("armed", delay(jvm, "a", "add", "1").get("state"));
      assertEquals("armed", delay(jvm, "b", "greet", "1").get("state"));
      assertEquals("2", jvm.run("changes " + SUBJECT).get("count"));
      assertEquals("ok", jvm.ask("remove", "rule=a").word());
      await(() -> jvm.run("changes " + SUBJECT).get("count").equals("3"));
      assertEquals("ok", jvm.ask("remove", "rule=b").word());
      await(() -> jvm.run("changes " + SUBJECT).get("count").equals("4"));
      await(() -> jvm.run("threads").get("count").equals("1")); // what does that ends
    }
  }

  /** With two rules in two classes, of which one cannot be changed any more. */
  private void spoilt(TargetJvm jvm) throws Exception {
    jvm.run("call " + SUBJECT + " add 1 2");
    jvm.run("call " + LATE + " area");
    jvm.load(dumper());
    assertEquals("hello", jvm.attach(Map.of()).word());
    jvm.run("changes " + SUBJECT);
    jvm.run("changes " + LATE);
    assertEquals("armed", delay(jvm, "a", "add", "60000").get("state"));
    assertEquals("armed", late(jvm, "b").get("state"));
    jvm.run("spoil " + SUBJECT + " true");
  }

  private static Reply late(TargetJvm jvm, String rule) throws IOException {
    return jvm.ask(
        "add",
        "rule=" + rule,
        "target=jvm",
        "action=return",
        "classname=" + LATE,
        "methodname=area",
        "value=7");
  }

  private static int changes(TargetJvm jvm, String type) throws IOException {
    return Integer.parseInt(jvm.run("changes " + type).get("count"));
  }

  @ParameterizedTest
  @MethodSource("homes")
  void whatTheJvmDoesNotLetOutIsAskedForAgainAndInNobodysWay(Path home) throws Exception {
    try (TargetJvm jvm = TargetJvm.start(home)) {
      spoilt(jvm);
      int tries = changes(jvm, SUBJECT);
      assertEquals("ok", jvm.ask("remove", "rule=a").word());
      assertEquals("ok", jvm.ask("remove", "rule=b").word());
      // together they would be refused, before a tenth of a second is over
      assertEquals("armed", late(jvm, "c").get("state"));
      assertEquals("7.0", jvm.run("call " + LATE + " area").get("last"));
      assertEquals("3", jvm.run("call " + SUBJECT + " add 1 2").get("last"));
      await(() -> changes(jvm, SUBJECT) > tries + 5);
      String left = String.valueOf(jvm.ask("ping").get("text"));
      assertTrue(left.contains("code that does nothing any more stays in [" + SUBJECT), left);
      int before = changes(jvm, LATE);
      assertEquals("ok", jvm.ask("remove", "rule=c").word());
      await(() -> changes(jvm, LATE) > before);
      assertEquals("3.0", jvm.run("call " + LATE + " area").get("last"));
      assertEquals("2", jvm.run("threads").get("count"), "one is still at it");
      jvm.run("spoil " + SUBJECT + " false");
      await(() -> jvm.run("threads").get("count").equals("1"));
      assertNull(jvm.ask("ping").get("text"));
    }
  }

  @ParameterizedTest
  @MethodSource("homes")
  void saysAtTheEndWhatTheJvmDidNotLetOut(Path home) throws Exception {
    try (TargetJvm jvm = TargetJvm.start(home)) {
      spoilt(jvm);
      Reply off = jvm.ask("off");
      assertEquals("error", off.word());
      assertTrue(off.get("text").contains("stays in [" + SUBJECT + "]"), off.toString());
      await(() -> jvm.run("threads").get("count").equals("0"));
      assertEquals("3", jvm.run("call " + SUBJECT + " add 1 2").get("last"));
      assertEquals("3.0", jvm.run("call " + LATE + " area").get("last"));
    }
  }

  @ParameterizedTest
  @MethodSource("homes")
  void theClassPathIsAsBefore(Path home) throws Exception {
    try (TargetJvm jvm = TargetJvm.start(home)) {
      for (int i = 0; i < 5; i++) {
        assertEquals("hello", jvm.attach(Map.of()).word());
        String missing = jvm.run("call no.Such" + i + " method").get("failed");
        assertTrue(missing.contains("ClassNotFoundException"), missing);
        assertEquals("ok", jvm.ask("off").word());
        // another's is appended and found, at the place where ours was
        jvm.load(dumper());
        assertTrue(jvm.run("bytes " + SUBJECT).get("canonical").length() > 100);
      }
      assertEquals("3.0", jvm.run("call " + LATE + " area").get("last"));
      await(() -> {
        jvm.run("gc");
        return jvm.files().stream().noneMatch(name -> name.endsWith("agent.jar (deleted)"));
      });
      assertEquals(1, jvm.files().stream().filter(name -> name.endsWith("dumper.jar")).count());
    }
  }

  @ParameterizedTest
  @MethodSource("homes")
  void goesWhenTheDaemonDies(Path home) throws Exception {
    try (TargetJvm jvm = TargetJvm.attached(home)) {
      jvm.run("call " + SUBJECT + " touch");
      delay(jvm, "a", "touch", "60000");
      jvm.send("repeat 3 1 " + SUBJECT + " touch");
      await(() -> jvm.ask("list").item("hits").equals("3"));
      long start = System.nanoTime();
      jvm.hangUp();
      assertEquals("3", jvm.result().get("returned"));
      long millis = (System.nanoTime() - start) / 1_000_000;
      assertTrue(millis < 2000, millis + " ms");
      await(() -> jvm.run("threads").get("count").equals("0"));
      assertTrue(Long.parseLong(jvm.run("call " + SUBJECT + " touch").get("millis")) < 1000);
      assertEquals("hello", jvm.attach(Map.of("instance", "beef")).word());
      assertEquals(List.of(), jvm.ask("list").items());
    }
  }

  @Test
  void goesWhenTheDaemonSaysNothingForTooLong() throws Exception {
    try (TargetJvm jvm = TargetJvm.start(TargetJvm.home())) {
      jvm.run("call " + SUBJECT + " touch");
      jvm.attach(Map.of("lease", "1000"));
      delay(jvm, "a", "touch", "60000");
      jvm.send("call " + SUBJECT + " touch");
      assertEquals("1", jvm.result().get("returned"));
      await(() -> jvm.run("threads").get("count").equals("0"));
    }
  }

  @Test
  void staysWhenItsJvmWasStoppedForLongerThanTheDaemonMayBeSilent() throws Exception {
    try (TargetJvm jvm = TargetJvm.start(TargetJvm.home())) {
      jvm.run("call " + SUBJECT + " touch");
      jvm.attach(Map.of("lease", "4000"));
      delay(jvm, "a", "touch", "1");
      jvm.signal("STOP");
      long expired = System.nanoTime() + 4_500_000_000L;
      jvm.say("ping"); // waits there for it
      await(() -> System.nanoTime() > expired);
      jvm.signal("CONT");
      assertEquals("ok", jvm.reply().word());
      assertEquals("a", jvm.ask("list").item("rule"));
    }
  }

  @Test
  void oneAgentIsEnoughForAJvm() throws Exception {
    try (TargetJvm jvm = TargetJvm.attached(TargetJvm.home())) {
      Reply second = jvm.attach(Map.of("instance", "beef"));
      assertEquals("busy cafe", second.get("kind") + " " + second.get("instance"));
    }
  }

  @Test
  void whatIsNotUnderstoodIsAnErrorAndHarmsNothing() throws Exception {
    try (TargetJvm jvm = TargetJvm.attached(TargetJvm.home())) {
      assertEquals("bad-request", jvm.ask("dance").get("kind"));
      assertEquals("bad-request", jvm.ask("add", "rule=a").get("kind"));
      assertEquals("bad-request", jvm.ask("remove").get("kind"));
      Reply unknown = jvm.ask("add", "rule=a", "target=moon", "action=delay");
      assertEquals("unknown-action", unknown.get("kind"));
      assertEquals("ok", jvm.ask("ping").word());
    }
  }

  /** An agent of the tests' own, to see the bytes of classes. */
  private Path dumper() throws IOException {
    Path jar = folder.resolve("dumper.jar");
    if (!Files.exists(jar)) {
      Manifest manifest = new Manifest();
      manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
      manifest.getMainAttributes().putValue("Agent-Class", Dumper.class.getName());
      manifest.getMainAttributes().putValue("Can-Retransform-Classes", "true");
      try (OutputStream to = Files.newOutputStream(jar);
          JarOutputStream out = new JarOutputStream(to, manifest)) {
        out.putNextEntry(new ZipEntry("empty"));
      }
    }
    return jar;
  }

  private interface Check {
    boolean holds() throws Exception;
  }
}
