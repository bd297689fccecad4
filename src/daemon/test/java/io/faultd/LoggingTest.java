package io.faultd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the daemon writes to stderr. */
class LoggingTest {
  private static final String LINE =
      "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z [A-Z]+ +\\w+ .+";

  @TempDir private Path folder;

  @Test
  void aRunSaysOneLinePerEntryAndNothingElse() throws Exception {
    Path log = folder.resolve("log");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "--data-dir=" + folder.resolve("data"),
            "--http=127.0.0.1:0",
            "--grpc=127.0.0.1:0");
    builder.environment().put("FAULTD_NODE_LOCK", folder.resolve("node.lock").toString());
    Process daemon = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      Eventually.eventually(
          "the daemon is ready",
          () -> lines(log).stream().anyMatch(line -> line.endsWith("Daemon ready")));
    } finally {
      daemon.destroy();
      daemon.waitFor();
    }
    List<String> foreign =
        lines(log).stream()
            .filter(line -> !line.startsWith("WARNING:")) // the JDK's own, off by a flag
            .filter(line -> !line.matches(LINE))
            .toList();
    assertEquals(List.of(), foreign);
    assertEquals(0, daemon.exitValue());
  }

  @Test
  void textOfClientsMakesNoLineOfItsOwn() {
    LogRecord entry = new LogRecord(Level.INFO, "a\nb\u001b[2Jc");
    entry.setLoggerName("io.faultd.Daemon");
    String line = new Logging.Line().format(entry);
    assertTrue(line.strip().matches(LINE), line);
    assertEquals(1, line.lines().count());
  }

  private static List<String> lines(Path log) throws IOException {
    return Files.readAllLines(log);
  }
}
