package io.faultd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Command lines that are read without picocli mean what picocli takes them for. */
class ArgumentsTest {
  private final SettingsReader reader = new SettingsReader(Map.of(), new Properties());

  private static String settings(Settings settings) {
    return settings.http() + " " + settings.grpc() + " " + settings.data().dir();
  }

  private List<String> plainly(String... args) {
    List<String> seen = new ArrayList<>();
    Optional<Arguments> plain = Arguments.plain(args);
    assertTrue(plain.isPresent());
    assertEquals(
        0, plain.get().carryOut(settings -> seen.add(settings(settings)), reader, System.err));
    return seen;
  }

  private List<String> byPicocli(String... args) {
    List<String> seen = new ArrayList<>();
    int code =
        Commands.line(reader, settings -> seen.add(settings(settings)), (settings, uid) -> {})
            .execute(args);
    assertEquals(0, code);
    return seen;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "serve",
        "--http 127.0.0.1:0 --grpc [::1]:1",
        "serve --http=localhost:65535 --data-dir /var/tmp/a-folder",
        "--data-dir=relative/folder=with --grpc 127.0.0.1:9001",
        "serve --data-dir ."
      })
  void bothReadTheSame(String line) {
    String[] args = line.isEmpty() ? new String[0] : line.split(" ", -1);
    assertEquals(byPicocli(args), plainly(args));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "-V",
        "serve -h",
        "sweep",
        "sweep --uid a",
        "actions",
        "serve serve",
        "--http",
        "--http=",
        "--http 9000",
        "--http localhost:123456",
        "--data-dir --http",
        "--data-dir -h",
        "--data-dir /a --data-dir /b",
        "--data-dir @file",
        "@file",
        "--data-dir 'quoted'",
        "--data /a",
        "-data-dir /a",
        "--http 127.0.0.1:0 more",
        "--config /a serve"
      })
  void whatIsUnusualIsLeftToPicocli(String line) {
    assertTrue(Arguments.plain(line.split(" ", -1)).isEmpty(), line);
  }

  @Test
  void whatIsWrongWithSettingsIsOneLine() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        Arguments.plain("--config", "/nowhere/faultd.yaml")
            .orElseThrow()
            .carryOut(settings -> {}, reader, new PrintStream(err, true, StandardCharsets.UTF_8));
    assertEquals(1, code);
    assertEquals(
        "faultd: cannot read the settings file /nowhere/faultd.yaml",
        err.toString(StandardCharsets.UTF_8).strip());
  }
}
