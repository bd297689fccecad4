package io.faultd.client;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.client.Node.Result;
import io.faultd.testing.Requires;
import io.faultd.testing.Victim;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.File;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;

/** {@code faultd run}: the fault is there while the command runs, and not any more afterwards. */
@Requires("root")
class RunTest {
  /** Becomes a program of ours that tells that it runs, and its pid, in the file "up". */
  private static final String UP = "echo $$ > up.new; mv up.new up; ";

  @TempDir static Path folder;
  private static Node node;

  @BeforeAll
  static void start() throws Exception {
    node = new Node(folder).start();
  }

  @AfterAll
  static void end() throws Exception {
    node.close();
  }

  @Test
  void theFaultIsThereWhileTheCommandRunsWhoseExitCodeIsRuns() throws Exception {
    try (Victim victim = Victim.sleeping(Victim.tag())) {
      Result run =
          run(
              victim,
              "--verdict=v.json",
              "--",
              "sh",
              "-c",
              "cat /proc/$0/stat; exit 7",
              pid(victim));
      assertEquals(7, run.code(), run.err());
      assertTrue(run.out().contains("(sleep) T "), run.out());
      assertTrue(victim.runs());
      JsonObject verdict = verdict("v.json");
      assertEquals("failed", verdict.getString("result"));
      assertEquals(7, verdict.getInt("commandExitCode"));
      assertTrue(verdict.getBoolean("undone"));
      assertEquals("settled", verdict.getJsonObject("effectAtEnd").getString("state"));
      JsonObject order = verdict.getJsonObject("order");
      assertEquals("1h", order.getJsonObject("flags").getString("timeout"));

      assertEquals(0, run(victim, "--", "true").code());
      Result none = run(victim, "--verdict=v.xml", "--", "/nowhere");
      assertEquals(127, none.code(), none.err());
      assertEquals(126, run(victim, "--", folder.toString()).code());
      assertTrue(victim.runs());
      Element suite = suite("v.xml");
      assertEquals("3", suite.getAttribute("tests"));
      assertEquals("1", suite.getAttribute("failures"));
      assertEquals("0", suite.getAttribute("errors"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM", "HUP", "USR1", "USR2", "ALRM", "XCPU", "ABRT"})
  void aSignalTakesTheFaultBackAndReachesTheCommand(String signal) throws Exception {
    try (Victim victim = Victim.sleeping(Victim.tag())) {
      Process client = started(victim, "--", "sh", "-c", UP + "exec sleep 1000");
      int command = up();
      assertEquals('T', victim.state());
      signal(signal, client.pid());
      assertTrue(client.waitFor(20, TimeUnit.SECONDS));
      assertEquals(Signals.exitCode(signal), client.exitValue());
      assertTrue(victim.runs());
      assertFalse(ProcessHandle.of(command).isPresent());
    }
  }

  @Test
  void theFaultIsTakenBackBeforeTheCommandHasDealtWithTheSignal() throws Exception {
    try (Victim victim = Victim.sleeping(Victim.tag())) {
      String slow =
          "trap 'touch asked' TERM; " + UP + "until [ -e end ]; do sleep 0.02; done; exit 9";
      Process client = started(victim, "--verdict=v.json", "--", "sh", "-c", slow);
      up();
      signal("TERM", client.pid());
      eventually("the command is told", () -> Files.exists(folder.resolve("asked")));
      eventually("the fault is taken back", victim::runs);
      assertTrue(client.isAlive());
      Files.createFile(folder.resolve("end"));
      assertTrue(client.waitFor(20, TimeUnit.SECONDS));
      assertEquals(9, client.exitValue());
      assertEquals("interrupted", verdict("v.json").getString("result"));
      assertEquals("TERM", verdict("v.json").getString("signal"));
    }
  }

  @Test
  void anInterruptFromTheKeyboardReachesTheCommandOnce() throws Exception {
    try (Victim victim = Victim.sleeping(Victim.tag())) {
      String counting =
          "trap 'echo x >> count' INT; " + UP + "until [ -e end ]; do sleep 0.02; done; exit 3";
      Files.writeString(folder.resolve("counting"), counting);
      String line =
          "exec %s run process stop --pid=%d -- sh counting"
              .formatted(node.launcher(), victim.pid());
      ProcessBuilder terminal = node.client("").command("script", "-qec", line, "/dev/null");
      Files.deleteIfExists(folder.resolve("up"));
      Process script =
          terminal.redirectInput(ProcessBuilder.Redirect.PIPE).redirectErrorStream(true).start();
      up();
      script.getOutputStream().write(3);
      script.getOutputStream().flush();
      eventually("the fault is taken back", victim::runs);
      Path count = folder.resolve("count");
      eventually("the command is told", () -> Files.exists(count));
      Files.createFile(folder.resolve("end"));
      script.getInputStream().readAllBytes();
      assertEquals(3, script.waitFor());
      assertEquals(List.of("x"), Files.readAllLines(count));
    }
  }

  @Test
  void theDeadlineTakesTheFaultOffIfTheClientIsKilled() throws Exception {
    try (Victim victim = Victim.sleeping(Victim.tag())) {
      Path old = Files.writeString(folder.resolve("old.xml"), "of an earlier run");
      Process client =
          started(
              victim,
              "--timeout=3s",
              "--verdict=old.xml",
              "--",
              "sh",
              "-c",
              UP + "exec sleep 1000");
      int command = up();
      client.destroyForcibly().waitFor();
      assertEquals("", Files.readString(old));
      assertEquals('T', victim.state());
      long killed = System.nanoTime();
      eventually("the deadline came", victim::runs);
      assertTrue(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - killed) < 5);
      ProcessHandle.of(command).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  @Test
  void aSignalWhileTheFaultIsPutInPlaceEndsThat() throws Exception {
    ProcessBuilder slow =
        node.client(
            "run",
            "cpu",
            "fullload",
            "--climb-time=600",
            "--wait-timeout=60s",
            "--label=slow=yes",
            "--verdict=v.xml",
            "--",
            "touch",
            "ran");
    Process client = silent(slow).start();
    eventually(
        "being injected",
        () -> node.faultd("status", "--label=slow=yes").out().contains("Success"));
    signal("TERM", client.pid());
    assertTrue(client.waitFor(20, TimeUnit.SECONDS));
    assertEquals(143, client.exitValue());
    assertEquals("2", suite("v.xml").getAttribute("errors"), "neither in place, nor run");
    assertEquals("0", suite("v.xml").getAttribute("skipped"));
    assertTrue(node.faultd("status", "--label=slow=yes").out().contains("Destroyed"));
    assertTrue(Files.notExists(folder.resolve("ran")));
  }

  @Test
  void withoutAnEffectTheCommandIsNotRun() throws Exception {
    Result run =
        ran(
            "run",
            "cpu",
            "fullload",
            "--climb-time=600",
            "--wait-timeout=100ms",
            "--label=none=yes",
            "--verdict=v.xml",
            "--",
            "touch",
            "ran");
    assertEquals(122, run.code(), run.err());
    assertTrue(run.err().contains("the effect is not as asked: ramping"), run.err());
    assertTrue(Files.notExists(folder.resolve("ran")));
    assertTrue(node.faultd("status", "--label=none=yes").out().contains("Destroyed"));
    assertEquals("1", suite("v.xml").getAttribute("errors"));
    assertEquals("1", suite("v.xml").getAttribute("skipped"));
  }

  @Test
  void aFaultThatEndsBeforeTheCommandMakesTheVerdictNoEffect() throws Exception {
    try (Victim victim = Victim.sleeping(Victim.tag())) {
      Files.deleteIfExists(folder.resolve("end"));
      String kills = "kill -9 $0; until [ -e end ]; do sleep 0.02; done";
      Process client = started(victim, "--", "sh", "-c", kills, pid(victim));
      eventually(
          "the daemon has seen it",
          () -> node.faultd("status", "--flag=" + pid(victim)).out().contains("target-gone"));
      Files.createFile(folder.resolve("end"));
      assertTrue(client.waitFor(20, TimeUnit.SECONDS));
      assertEquals(122, client.exitValue());
    }
  }

  @Test
  void whatTheCommandPutsInTheWayIsResidue() throws Exception {
    Path file = Files.writeString(folder.resolve("taken"), "ours");
    Result run =
        ran(
            "run",
            "file",
            "delete",
            "--filepath=" + file,
            "--verdict=v.json",
            "--",
            "sh",
            "-c",
            "test ! -e taken && echo new > taken");
    assertEquals(123, run.code(), run.err());
    JsonObject verdict = verdict("v.json");
    assertEquals("residue", verdict.getString("result"));
    assertEquals(0, verdict.getInt("commandExitCode"));
    assertFalse(verdict.getBoolean("undone"));
    assertEquals(0, node.faultd("destroy", verdict.getString("uid"), "--force").code());
  }

  @Test
  void aVerdictThatCannotBeWrittenInTheEndIsNoSuccess() throws Exception {
    try (Victim victim = Victim.sleeping(Victim.tag())) {
      Path sub = Files.createDirectory(folder.resolve("sub"));
      String again = "rm -r sub && mkdir sub && exit 3";
      assertEquals(3, run(victim, "--verdict=sub/v.json", "--", "sh", "-c", again).code());
      assertEquals("failed", verdict("sub/v.json").getString("result"));

      Result run = run(victim, "--verdict=sub/v.json", "--", "rm", "-r", sub.toString());
      assertEquals(122, run.code(), run.err());
      assertTrue(run.err().contains("the verdict cannot be written to sub/v.json"), run.err());
      assertTrue(victim.runs());
    }
  }

  @Test
  void aRefusalComesBeforeTheCommand() throws Exception {
    Result run = ran("run", "process", "stop", "--pid=4194303", "--", "touch", "ran");
    assertEquals(121, run.code(), run.err());
    assertTrue(Files.notExists(folder.resolve("ran")));
  }

  @Test
  void aRestartOfTheDaemonMeanwhilePutsTheFaultBackAndThatIsNoEffect(@TempDir Path own)
      throws Exception {
    try (Node mortal = new Node(own).start();
        Victim victim = Victim.sleeping(Victim.tag())) {
      String wait = "touch up; until [ -e end ]; do sleep 0.02; done";
      Process client = silent(mortal.client(line(victim, "--", "sh", "-c", wait))).start();
      eventually("it runs", () -> Files.exists(own.resolve("up")));
      mortal.kill();
      assertEquals('T', victim.state());
      // it ends while there is no daemon, and asks until there is one
      Files.createFile(own.resolve("end"));
      mortal.start();
      assertTrue(client.waitFor(30, TimeUnit.SECONDS));
      assertEquals(122, client.exitValue(), "the restart has put it back");
      assertTrue(victim.runs());
    }
  }

  @Test
  void aDaemonThatStaysAwayIsUnreachableAndTheCommandRunsToItsEnd(@TempDir Path own)
      throws Exception {
    try (Node mortal = new Node(own).start();
        Victim victim = Victim.sleeping(Victim.tag())) {
      String wait = "touch up; until [ -e end ]; do sleep 0.02; done; touch over";
      Process client =
          silent(mortal.client(line(victim, "--patience=2s", "--", "sh", "-c", wait))).start();
      eventually("it runs", () -> Files.exists(own.resolve("up")));
      mortal.kill();
      long gone = System.nanoTime();
      Files.createFile(own.resolve("end"));
      // looking and taking back have the time together, not each of them
      assertTrue(client.waitFor(20, TimeUnit.SECONDS), "not the usual 30 s");
      long waited = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - gone);
      assertTrue(waited >= 2_000, "for its patience: " + waited);
      assertEquals(124, client.exitValue());
      assertTrue(Files.exists(own.resolve("over")));
      assertEquals('T', victim.state(), "nobody was there to put it back");
      mortal.start();
      assertTrue(victim.runs());
    }
  }

  @Test
  void theCommandHasTheEnvironmentOfWhoeverCalledRun() throws Exception {
    try (Victim victim = Victim.sleeping(Victim.tag())) {
      ProcessBuilder client =
          node.client("run", "process", "stop", "--pid=" + pid(victim), "--", "env");
      client.environment().put("LC_ALL", "C");
      client.environment().put("LANG", "de_DE.UTF-8");
      client.environment().remove("LANGUAGE");
      client.environment().remove("JAVA_HOME");
      Result run = node.run(client);
      assertEquals(0, run.code(), run.err());
      List<String> lines = run.out().lines().toList();
      assertTrue(lines.contains("LC_ALL=C"), run.out());
      assertTrue(lines.contains("LANG=de_DE.UTF-8"), run.out());
      assertFalse(run.out().contains("JAVA_HOME="), run.out());
      assertFalse(run.out().contains("FAULTD_RUN_"), run.out());
    }
  }

  private static Result ran(String... line) throws Exception {
    return node.run(node.client(line));
  }

  private static Result run(Victim victim, String... more) throws Exception {
    return ran(line(victim, more));
  }

  /** A client that runs on; what the command tells of itself is for {@link #up}. */
  private static Process started(Victim victim, String... more) throws Exception {
    Files.deleteIfExists(folder.resolve("up"));
    Files.deleteIfExists(folder.resolve("end"));
    return silent(node.client(line(victim, more))).start();
  }

  private static ProcessBuilder silent(ProcessBuilder client) {
    File log = folder.resolve("client.log").toFile();
    return client.redirectErrorStream(true).redirectOutput(log);
  }

  private static String[] line(Victim victim, String... more) {
    List<String> line = new ArrayList<>(List.of("run", "process", "stop", "--pid=" + pid(victim)));
    line.addAll(List.of(more));
    return line.toArray(String[]::new);
  }

  /** Waits until the command runs; its pid. */
  private static int up() throws Exception {
    Path up = folder.resolve("up");
    eventually("the command runs", () -> Files.exists(up));
    int pid = Integer.parseInt(Files.readString(up).strip());
    Files.delete(up);
    return pid;
  }

  private static String pid(Victim victim) {
    return Integer.toString(victim.pid());
  }

  private static void signal(String name, long pid) throws Exception {
    assertEquals(0, new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor());
  }

  private static JsonObject verdict(String file) throws Exception {
    return Json.createReader(new StringReader(Files.readString(folder.resolve(file)))).readObject();
  }

  private static Element suite(String file) throws Exception {
    Element root =
        DocumentBuilderFactory.newDefaultInstance()
            .newDocumentBuilder()
            .parse(folder.resolve(file).toFile())
            .getDocumentElement();
    assertNotEquals(0, root.getElementsByTagName("testcase").getLength());
    return (Element) root.getElementsByTagName("testsuite").item(0);
  }
}
