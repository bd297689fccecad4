package io.faultd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Eventually;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the daemon writes to stderr. */
class LoggingTest {
  private static final String LINE =
      "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z [A-Z]+ +\\w+ .+";

  @TempDir private Path folder;

  @Test
  void aRunSaysOneLinePerEntryAndNothingElseUpToItsEnd() throws Exception {
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
    builder.environment().put("FAULTD_DATA_EPHEMERAL", "true");
    builder.environment().put("FAULTD_NODE_LOCK", folder.resolve("node.lock").toString());
    Process daemon = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      Eventually.eventually(
          "the daemon is ready",
          () -> lines(log).stream().anyMatch(line -> line.endsWith("Daemon ready")));
      order(lines(log));
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
    List<String> last = lines(log).reversed();
    assertTrue(last.getFirst().endsWith("Daemon ended"), last.toString());
    assertTrue(
        last.stream().anyMatch(line -> line.contains("what=\"file add\" outcome=Destroyed")),
        last::toString);
  }

  /** Puts something in place that is to be undone. */
  private void order(List<String> log) throws Exception {
    Matcher port = Pattern.compile("HTTP 127\\.0\\.0\\.1:(\\d+)").matcher(String.join("\n", log));
    assertTrue(port.find());
    String body =
        "{\"target\": \"file\", \"action\": \"add\", \"flags\": {\"filepath\": \"%s\"}}"
            .formatted(folder.resolve("file"));
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:%s/api/v1/experiments".formatted(port.group(1))))
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build();
      var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      assertEquals(201, answer.statusCode(), answer::body);
    }
  }

  @Test
  void textOfClientsMakesNoLineOfItsOwn() {
    for (int part : new int[] {'\n', '\r', 0x1b, 0x7f, 0x85, 0x9b, 0x2028, 0x2029, 0x202e}) {
      String text = "a" + Character.toString(part) + "[2Jc";
      LogRecord entry = new LogRecord(Level.INFO, text);
      entry.setLoggerName("io.faultd.Daemon");
      String line = new Logging.Line().format(entry);
      assertTrue(line.strip().matches(LINE), line);
      assertTrue(line.endsWith(" a [2Jc\n"), line);
    }
  }

  private static List<String> lines(Path log) throws IOException {
    return Files.readAllLines(log);
  }
}
