package io.faultd;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A whole daemon in a process of its own, on free ports; its log is a file. */
final class DaemonProcess implements AutoCloseable {
  private static final Pattern LISTENING =
      Pattern.compile("HTTP 127\\.0\\.0\\.1:(\\d+), gRPC 127\\.0\\.0\\.1:(\\d+)");

  final int http;
  final int grpc;
  private final Path log;
  private final Process process;

  /**
   * Starts one and waits until it is ready.
   *
   * @param home a folder of the test's, where it keeps its things; one after the other may
   * @param settings by key
   */
  DaemonProcess(Path home, Map<String, String> settings) throws Exception {
    log = Files.createTempFile(home, "log", "");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED", // as the jar's manifest
            "-Xmx96m",
            "-cp",
            System.getProperty("java.class.path"),
            "io.faultd.Main");
    Map<String, String> environment = builder.environment();
    Map.of(
            Setting.HTTP_PORT, "0",
            Setting.GRPC_PORT, "0",
            Setting.DATA_DIR, home.resolve("data").toString(),
            Setting.DATA_EPHEMERAL, "true",
            Setting.NODE_LOCK, home.resolve("lock").toString())
        .forEach((key, value) -> environment.put(key.variable(), value));
    settings.forEach(
        (key, value) -> environment.put(Setting.of(key).orElseThrow().variable(), value));
    process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    eventually("it is ready", () -> running() && lines().stream().anyMatch(this::ready));
    Matcher ports = LISTENING.matcher(Files.readString(log));
    assertTrue(ports.find(), Files.readString(log));
    http = Integer.parseInt(ports.group(1));
    grpc = Integer.parseInt(ports.group(2));
  }

  private boolean running() {
    assertTrue(process.isAlive(), () -> String.join("\n", lines()));
    return true;
  }

  private boolean ready(String line) {
    return line.endsWith("ready");
  }

  /** What it has logged. */
  List<String> lines() {
    try {
      return Files.readAllLines(log);
    } catch (IOException e) {
      return List.of(e.toString());
    }
  }

  long pid() {
    return process.pid();
  }

  /** By SIGTERM. */
  @Override
  public void close() throws Exception {
    process.destroy();
    if (!process.waitFor(15, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }
}
