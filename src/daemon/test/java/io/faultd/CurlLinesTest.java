package io.faultd;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Requires;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the pages on the interface show of curl is run as it stands there. */
@Requires("root")
@Timeout(120)
class CurlLinesTest {
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```sh\\n(.*?)^```$");
  private static final Pattern UID = Pattern.compile("\"result\":\"([0-9a-f]{16})\"");

  /** An answer that is none fails, and says what it was. */
  private static final String CURL = "curl() { command curl -sS --fail-with-body \"$@\"; }\n";

  @TempDir private Path home;
  private Path file;
  private String uid = "UID";

  private static List<String> lines(String page) throws IOException {
    Path docs = Path.of(System.getProperty("faultd.root"), "docs");
    return BLOCK
        .matcher(Files.readString(docs.resolve(page)))
        .results()
        .flatMap(match -> match.group(1).lines())
        .toList();
  }

  private String mode() throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void eachLineDoesWhatThePageSays() throws Exception {
    file = Files.writeString(home.resolve("app.conf"), "x");
    String before = mode();
    try (DaemonProcess daemon = new DaemonProcess(home, Map.of())) {
      List<Told> streams = new ArrayList<>();
      String assigned = "";
      int run = 0;
      for (String line : lines("api.md")) {
        if (!line.startsWith("curl")) {
          assigned += line + "\n";
          continue;
        }
        Told told = told(assigned + CURL + real(line, daemon.http));
        run++;
        if (line.contains("/events")) {
          eventually("the first event", () -> told.said().contains("event:state"));
          streams.add(told);
          continue;
        }
        assertEquals(0, told.process().waitFor(), () -> line + ": " + told.said());
        assertTrue(told.said().contains("\"success\":true"), line + ": " + told.said());
        Matcher made = UID.matcher(told.said());
        if (made.find()) {
          uid = made.group(1);
          assertEquals("---------", mode(), line);
        }
        if (line.contains("DELETE")) {
          assertEquals(before, mode(), line);
        }
      }
      assertEquals(6, run);
      assertEquals(1, streams.size());
      for (Told stream : streams) {
        assertEquals(0, stream.process().waitFor(), "it ends with its experiment");
        assertTrue(stream.said().contains("\"status\":\"Destroyed\""), stream.said());
      }
      assertTrue(Files.exists(file), "a dry run deletes nothing");
    }
  }

  @Test
  void noOtherPageOnTheInterfaceHasLinesThatNobodyRuns() throws Exception {
    assertEquals(
        List.of(), lines("migration.md").stream().filter(line -> line.contains("curl")).toList());
  }

  private String real(String line, int port) {
    return line.replace("localhost:9000", "localhost:" + port)
        .replace("/srv/app.conf", file.toString())
        .replace("UID", uid);
  }

  private Told told(String script) throws IOException {
    Path output = Files.createTempFile(home, "curl", "");
    Process process =
        new ProcessBuilder("bash", "-euo", "pipefail", "-c", script)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    return new Told(process, output);
  }

  /** A command and what it has written by now. */
  private record Told(Process process, Path output) {
    String said() {
      try {
        return Files.readString(output);
      } catch (IOException e) {
        return e.toString();
      }
    }
  }
}
