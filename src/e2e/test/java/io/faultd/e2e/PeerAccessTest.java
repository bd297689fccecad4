package io.faultd.e2e;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Fingerprint;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in. */
@Requires("root")
class PeerAccessTest {
  private static final String TOKEN = "correct-horse";

  @TempDir Path folder;

  private Path things;
  private Path file;

  @BeforeEach
  void prepare() throws IOException {
    things = Files.createDirectory(folder.resolve("things"));
    file = Files.writeString(things.resolve("file"), "x");
  }

  @Test
  void anotherUserGetsNothingWithoutAToken() throws Exception {
    var before = Fingerprint.of(things);
    try (Daemon daemon = Daemon.in(folder).start()) {
      assertEquals(
          List.of(
              "health 200",
              "list 401",
              "create 401 UNAUTHENTICATED",
              "grpc list UNAUTHENTICATED",
              "grpc create UNAUTHENTICATED"),
          outsider(daemon));
      assertEquals(200, daemon.rest().get("/api/v1/actions").status(), "root is let in");
      Rest.Answer all = daemon.rest().get("/api/v1/status?type=create");
      assertTrue(all.json().getJsonArray("result").isEmpty(), all.text());
      assertEquals(before, Fingerprint.of(things));
    }
  }

  @Test
  void theTokenIsWhatCountsWhereThereIsOne() throws Exception {
    try (Daemon daemon = Daemon.in(folder).with("security.token", TOKEN).start()) {
      Rest anonymous = daemon.rest();
      assertEquals(401, anonymous.get("/api/v1/actions").status(), "root without a token");
      assertEquals(200, anonymous.get("/health/live").status());
      assertEquals(401, new Rest(anonymous.base(), "wrong-horse").get("/api/v1/actions").status());
      assertEquals(200, new Rest(anonymous.base(), TOKEN).get("/api/v1/actions").status());
      assertEquals(
          List.of("health 200", "list 200", "create 201 ", "grpc list OK", "grpc create NOT_FOUND"),
          outsider(daemon, TOKEN));
      assertEquals(
          List.of(
              "health 200",
              "list 401",
              "create 401 UNAUTHENTICATED",
              "grpc list UNAUTHENTICATED",
              "grpc create UNAUTHENTICATED"),
          outsider(daemon, "wrong-horse"));
      new Rest(anonymous.base(), TOKEN).delete(Rest.EXPERIMENTS);
      assertTrue(Files.exists(file));
    }
  }

  @Test
  void aNameThatIsNotOursIsMisdirected() throws Exception {
    try (Daemon daemon = Daemon.in(folder).start()) {
      Map<String, Integer> expected =
          Map.of(
              "evil.example",
              421,
              "evil.example:" + daemon.httpPort(),
              421,
              "localhost.evil.example",
              421,
              "127.0.0.1:" + daemon.httpPort(),
              200,
              "localhost",
              200,
              "LOCALHOST:1",
              200,
              "[::1]:99",
              200);
      for (Map.Entry<String, Integer> each : expected.entrySet()) {
        try (Wire wire = new Wire(daemon.httpPort())) {
          wire.write(
              ("GET /api/v1/actions HTTP/1.1\r\nHost: " + each.getKey() + "\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
          assertEquals(each.getValue(), wire.answer().status(), each.getKey());
        }
      }
      try (Wire wire = new Wire(daemon.httpPort())) {
        wire.write(
            "GET /health HTTP/1.1\r\nHost: evil.example\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
        assertEquals(200, wire.answer().status());
      }
    }
  }

  @Test
  void withoutATokenItListensToThisNodeAlone() throws Exception {
    Path config =
        Files.writeString(
            folder.resolve("own.yaml"), "node: {lock: \"%s\"}%n".formatted(folder.resolve("lock")));
    Process process =
        new ProcessBuilder(
                Daemon.LAUNCHER.toString(),
                "--config",
                config.toString(),
                "--data-dir",
                folder.resolve("data").toString(),
                "--http",
                "0.0.0.0:0",
                "--grpc",
                "127.0.0.1:0")
            .redirectErrorStream(true)
            .start();
    try {
      eventually("the start is refused", () -> !process.isAlive());
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(1, process.exitValue(), text);
      assertTrue(text.contains("security.token"), text);
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  /** Runs the program of another user, who may read all files (for its class path) and no more. */
  private List<String> outsider(Daemon daemon, String... token) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                "--inh-caps=-all,+dac_read_search",
                "--ambient-caps=+dac_read_search",
                System.getProperty("java.home") + "/bin/java",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Outsider.class.getName(),
                Integer.toString(daemon.httpPort()),
                Integer.toString(daemon.grpcPort()),
                file.toString()));
    command.addAll(List.of(token));
    return Tool.run(folder, Map.of(), command.toArray(String[]::new))
        .lines()
        .filter(line -> line.matches("(health|list|create|grpc) .*"))
        .toList();
  }
}
