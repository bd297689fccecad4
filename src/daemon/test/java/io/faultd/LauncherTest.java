package io.faultd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.Actor;
import io.faultd.experiment.AuditLine;
import io.faultd.experiment.Experiments;
import io.faultd.linux.Mark;
import io.faultd.linux.file.Flock;
import io.faultd.linux.proc.Pidfd;
import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.linux.proc.Procfs;
import io.faultd.linux.proc.Signals;
import io.faultd.store.DataFolder;
import io.faultd.store.SqliteStore;
import io.faultd.testing.Launcher;
import io.faultd.testing.Requires;
import io.faultd.testing.Victim;
import io.faultd.worker.WorkingParent;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The launcher, over a jar that points at the classes under test. */
class LauncherTest {
  @TempDir Path home;
  private Path launcher;

  @BeforeEach
  void install() throws IOException {
    launcher = Launcher.install(home);
  }

  @Test
  void helpIsShownWithAnEmptyEnvironmentFromAnyFolderThroughALink() throws Exception {
    Path link = Files.createSymbolicLink(home.resolve("link"), launcher);
    Result result = run(link, Map.of(), "--help");
    assertEquals(0, result.code, result.err);
    for (String word : List.of("serve", "sweep", "--config", "--http", "--grpc", "--data-dir")) {
      assertTrue(result.out.contains(word), result.out);
    }
    assertEquals("", result.err);
  }

  @Test
  void theVersionIsShown() throws Exception {
    assertTrue(run(launcher, Map.of(), "--version").out.startsWith("faultd "));
  }

  @Test
  void namesThatAreNotAsciiAreUnderstoodWithAnEmptyEnvironment() throws Exception {
    Path file = Files.writeString(home.resolve("Dämon-\u6d4b.yaml"), "bogus: 1");
    Result result = run(launcher, Map.of(), "--config", file.toString());
    assertEquals(1, result.code);
    assertTrue(result.err.contains("bogus in " + file), result.err);
  }

  @Test
  void whatActsOnATerminalIsNotToldAsItIs() throws Exception {
    Result result = run(launcher, Map.of(), "--config", "/a\u001b[2J\u202eb\u2028c\u2066d.yaml");
    assertEquals(1, result.code);
    assertTrue(result.err.contains("/a [2J b c d.yaml"), result.err);
    assertEquals(1, result.err.lines().count(), result.err);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    List<String> names = List.of("process 7 (a\u001b[2J\u202eb\nundone: c)");
    NodeSweep.print(
        new Experiments.Swept(names, names), new PrintStream(out, true, StandardCharsets.UTF_8));
    assertEquals(
        """
        undone: process 7 (a [2J b undone: c)
        unsure, not touched: process 7 (a [2J b undone: c)
        1 undone, 1 unsure
        """,
        out.toString(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource({
    "2, --bogus",
    "2, --http nonsense",
    "2, bogus",
    "2, serve --uid x",
    "1, --http 127.0.0.1:99999",
    "1, --http 0.0.0.0:0 --grpc 127.0.0.1:0",
    "1, --config /nowhere.yaml",
    "1, serve --auth-token-file /nowhere",
  })
  void exitCodesTellUsageFromFailureAndNothingIsAStackTrace(int code, String arguments)
      throws Exception {
    Result result = run(launcher, Map.of(), arguments.split(" ", -1));
    assertEquals(code, result.code, result.err);
    assertFalse(result.err.contains("\tat "), result.err);
    if (code == 1) {
      assertEquals(1, result.err.lines().count(), result.err);
      assertTrue(result.err.startsWith("faultd: "), result.err);
    }
  }

  @Test
  void aJavaHomeThatIsTooOldOrNoneIsPassedOver() throws Exception {
    Result result = run(launcher, Map.of("JAVA_HOME", "/nowhere"), "--version");
    assertEquals(0, result.code, result.err);
  }

  @Test
  void whatRunCannotBeginWithIsNoExitCodeOfACommand() throws Exception {
    Path tools = Files.createDirectories(home.resolve("tools"));
    for (String tool : List.of("dirname", "readlink", "sed")) {
      Files.createSymbolicLink(tools.resolve(tool), Path.of("/usr/bin", tool));
    }
    Path copy = Files.createDirectories(home.resolve("copy/deploy")).resolve("faultd");
    Files.copy(launcher, copy, StandardCopyOption.COPY_ATTRIBUTES);
    Map<String, String> environment = Map.of("PATH", tools.toString());
    Result result = run(copy, environment, "run", "cpu", "fullload", "--", "true");
    assertEquals(124, result.code, result.err);
    assertTrue(result.err.contains("not built yet"), result.err);
    assertEquals(1, run(copy, environment, "status").code);
  }

  @Test
  @Requires("root")
  void sweepUndoesWithoutADataFolderAndIsRefusedWhileADaemonHasTheNode() throws Exception {
    String uid = "lost-" + ProcessHandle.current().pid();
    Path file = home.resolve("work/file");
    Path hidden = hide(file, uid);
    Path lock = home.resolve("lock");
    Path data = home.resolve("data");
    Map<String, String> environment =
        Map.of("FAULTD_NODE_LOCK", lock.toString(), "FAULTD_DATA_DIR", data.toString());
    try (Flock held = Flock.take(lock.toString()).orElseThrow()) {
      Result refused = run(launcher, environment, "sweep", "--uid", uid);
      assertEquals(1, refused.code, refused.err);
      assertTrue(refused.err.contains("another faultd runs on this node"), refused.err);
      assertTrue(Files.exists(hidden));
      assertTrue(Files.exists(lock), held::toString);
    }
    try (Victim stopped = Victim.sleeping(Victim.tag());
        Victim parent = Victim.java(WorkingParent.class, uid)) {
      stopped.stop();
      ProcessIdentity worker = Procfs.HOST.identity(Integer.parseInt(parent.line())).orElseThrow();
      // so that it cannot end by itself
      Pidfd.send(worker, Signals.STOP, Procfs.HOST);
      parent.signal("KILL");
      parent.ended();

      Result result = run(launcher, environment, "sweep", "--uid", uid);
      assertEquals(0, result.code, result.err);
      assertTrue(result.out.contains("undone: " + file), result.out);
      assertTrue(result.out.contains("undone: ended worker " + worker.pid()), result.out);
      assertTrue(
          result.out.contains("unsure, not touched: process " + stopped.pid() + " (sleep)"),
          result.out);
      assertTrue(result.out.contains("2 undone, "), result.out);
      assertEquals("original", Files.readString(file));
      assertEquals('T', Procfs.HOST.stat(stopped.pid()).orElseThrow().state());
      assertFalse(Files.exists(data), "it makes none");
      assertTrue(result.err.contains("outcome=Swept"), result.err);
    }
  }

  @Test
  @Requires("root")
  void aSweepIsALineOfTheAuditThatTheDaemonKeeps() throws Exception {
    String uid = "lost-" + ProcessHandle.current().pid();
    Path file = home.resolve("work/file");
    hide(file, uid);
    Path data = home.resolve("data");
    try (DataFolder made = new DataFolder(data)) {
      new SqliteStore(made, true).close();
    }
    Map<String, String> environment =
        Map.of(
            "FAULTD_NODE_LOCK",
            home.resolve("lock").toString(),
            "FAULTD_DATA_DIR",
            data.toString());
    Result result = run(launcher, environment, "sweep", "--uid", uid);
    assertEquals(0, result.code, result.err);
    try (DataFolder kept = new DataFolder(data);
        SqliteStore store = new SqliteStore(kept, true)) {
      List<AuditLine> lines = store.audit().lines(uid, Instant.EPOCH, 10);
      assertEquals(1, lines.size());
      assertEquals(new Actor("root", "sweep"), lines.getFirst().actor());
      assertEquals("sweep Swept", lines.getFirst().what() + " " + lines.getFirst().outcome());
      assertTrue(lines.getFirst().error().contains(file.toString()), lines.getFirst().error());
    }
    // whatever is wrong with the data folder, a sweep does its work
    Files.writeString(data.resolve(DataFolder.DATABASE), "no database at all, and long enough");
    Files.delete(file);
    hide(file, uid);
    result = run(launcher, environment, "sweep", "--uid", uid);
    assertEquals(0, result.code, result.err);
    assertTrue(result.err.contains("the audit has no line of it"), result.err);
    assertEquals("original", Files.readString(file));
  }

  /**
   * What a deleted file is, when its experiment has died: under another name, and how to know it.
   */
  private static Path hide(Path file, String uid) throws IOException {
    String hidden = new Mark("01234567", uid, 1).toString();
    Path note = file.resolveSibling(new Mark("01234567", uid, 2).toString());
    Files.createDirectories(file.getParent());
    Files.createSymbolicLink(note, Path.of(hidden).resolve(file.getFileName()));
    return Files.writeString(file.resolveSibling(hidden), "original");
  }

  private Result run(Path program, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(arguments));
    Path out = home.resolve("out");
    Path err = home.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(new File("/"))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    int code = builder.start().waitFor();
    return new Result(
        code,
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }

  private record Result(int code, String out, String err) {}
}
