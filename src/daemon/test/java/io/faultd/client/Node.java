package io.faultd.client;

import static io.faultd.testing.Eventually.eventually;

import io.faultd.testing.Launcher;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** A daemon as a process, and clients, as processes or in this one; the launcher starts both. */
final class Node implements AutoCloseable {
  private static final Pattern LISTENING = Pattern.compile("listening: HTTP [^ ]*:(\\d+),");

  private final Path folder;
  private final Path launcher;
  private final Map<String, String> settings = new TreeMap<>();
  private @Nullable Process daemon;
  private int port;

  Node(Path folder) throws IOException {
    this.folder = folder;
    this.launcher = Launcher.install(folder.resolve("home"));
    settings.put("FAULTD_NODE_LOCK", folder.resolve("lock").toString());
    settings.put("FAULTD_DATA_DIR", folder.resolve("data").toString());
    settings.put("FAULTD_DATA_EPHEMERAL", "true");
    // leaves nothing in the machine's own when it is killed
    settings.put("JDK_JAVA_OPTIONS", "-Djava.io.tmpdir=" + folder);
  }

  /** With a setting of the daemon, by its variable. */
  Node with(String variable, String value) {
    settings.put(variable, value);
    return this;
  }

  /** Starts the daemon; it takes orders when this returns. */
  Node start() throws Exception {
    Path log = folder.resolve("log");
    Files.deleteIfExists(log);
    ProcessBuilder builder =
        new ProcessBuilder(
                launcher.toString(), "--http", "127.0.0.1:" + port, "--grpc", "127.0.0.1:0")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .redirectInput(new File("/dev/null"));
    builder.environment().keySet().removeIf(name -> name.startsWith("FAULTD_"));
    builder.environment().putAll(settings);
    Process started = builder.start();
    daemon = started;
    eventually(
        "faultd is ready",
        () -> {
          if (!started.isAlive()) {
            throw new IllegalStateException(Files.readString(log));
          }
          String text = Files.readString(log);
          Matcher match = LISTENING.matcher(text);
          port = match.find() ? Integer.parseInt(match.group(1)) : port;
          return text.contains("Daemon ready");
        });
    return this;
  }

  /** Ends the daemon as a power cut would. */
  void kill() throws Exception {
    if (daemon != null) {
      daemon.destroyForcibly().waitFor();
    }
  }

  int port() {
    return port;
  }

  Path launcher() {
    return launcher;
  }

  /** A client's command line, to be started in surroundings of its own. */
  ProcessBuilder client(String... arguments) {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectInput(new File("/dev/null"));
    builder.environment().keySet().removeIf(name -> name.startsWith("FAULTD_"));
    builder.environment().put("FAULTD_SERVER", "http://127.0.0.1:" + port);
    return builder;
  }

  /** What a client does, in this process. */
  Result faultd(String... arguments) {
    return faultd(Map.of(), arguments);
  }

  /** The same, with more in its environment. */
  Result faultd(Map<String, String> more, String... arguments) {
    Map<String, String> environment = new TreeMap<>(more);
    environment.put("FAULTD_SERVER", "http://127.0.0.1:" + port);
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        new Client(
                CommandSpec::create,
                (process, signal) -> {},
                environment,
                new PrintWriter(out),
                new PrintWriter(err))
            .run(arguments);
    return new Result(code, out.toString(), err.toString());
  }

  /** Runs a client's process to its end. */
  Result run(ProcessBuilder client) throws Exception {
    Path out = Files.createTempFile(folder, "out", "");
    Path err = Files.createTempFile(folder, "err", "");
    Process process = client.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException(client.command() + " does not end");
    }
    return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  @Override
  public void close() throws Exception {
    kill();
  }

  /** How a client ended, and what it wrote. */
  record Result(int code, String out, String err) {}
}
