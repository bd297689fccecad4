package io.faultd.bench;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** The packaged daemon, ready, on free ports and with a data folder of its own. */
final class Subject implements AutoCloseable {
  /** What {@code deploy/faultd archive} makes. */
  static final String ARCHIVE = "-XX:AOTCache=src/daemon/target/faultd.aot";

  /** The launcher's flags. */
  static final String LAUNCHER =
      "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xms8m -Xmx96m -Xss512k"
          + " -XX:MinHeapFreeRatio=10 -XX:MaxHeapFreeRatio=20 -XX:-ShrinkHeapInSteps"
          + " -XX:TrimNativeHeapInterval=3000 "
          + ARCHIVE;

  private static final String JAR = "src/daemon/target/faultd.jar";
  private static final List<String> ALWAYS =
      List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");

  private final Path place;
  private final List<String> command;
  private final Map<String, String> settings;
  private final int http;
  private final int grpc;
  private Process process;
  private double milliseconds;

  private Subject(List<String> start, Path place, Map<String, String> settings) throws IOException {
    this.place = place;
    this.settings = settings;
    this.http = free();
    this.grpc = free();
    this.command = new ArrayList<>(start);
    command.addAll(List.of("--data-dir", data().toString()));
    command.addAll(List.of("--http", "127.0.0.1:" + http, "--grpc", "127.0.0.1:" + grpc));
    this.process = start();
  }

  /**
   * Starts one.
   *
   * @param flags of the JVM, separated by blanks
   * @param under a command that it is an argument of
   */
  static Subject started(String flags, List<String> under) throws IOException {
    List<String> start = new ArrayList<>(under);
    start.addAll(java(flags));
    start.addAll(List.of("-jar", JAR));
    return new Subject(start, Places.make("subject"), Map.of());
  }

  /**
   * Starts one with settings of its own.
   *
   * @param settings by their variables
   */
  static Subject started(Map<String, String> settings) throws IOException {
    List<String> start = new ArrayList<>(java(LAUNCHER));
    start.addAll(List.of("-jar", JAR));
    return new Subject(start, Places.make("subject"), settings);
  }

  /** Starts {@link Minimal} instead. */
  static Subject minimal(String flags) throws IOException {
    List<String> start = new ArrayList<>(java(flags.replace(ARCHIVE, "")));
    start.addAll(List.of("-cp", System.getProperty("java.class.path"), Minimal.class.getName()));
    return new Subject(start, Places.make("minimal"), Map.of());
  }

  private static List<String> java(String flags) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String flag : flags.split(" ", -1)) {
      if (!flag.isEmpty()) {
        command.add(flag);
      }
    }
    command.addAll(ALWAYS);
    return command;
  }

  private Process start() throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("FAULTD_NODE_LOCK", place.resolve("node.lock").toString());
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().putAll(settings);
    builder.redirectErrorStream(true).redirectOutput(place.resolve("log").toFile());
    long begin = System.nanoTime();
    Process started = builder.start();
    while (!ready()) {
      if (!started.isAlive()) {
        throw new IOException(Files.readString(place.resolve("log")));
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
    milliseconds = (System.nanoTime() - begin) / 1e6;
    return started;
  }

  /** Ends it, and starts it again on what it left. */
  void restart() throws IOException {
    end();
    process = start();
  }

  /** Where its records are. */
  Path data() {
    return place.resolve("data");
  }

  /** Its process. */
  long pid() {
    return daemon().pid();
  }

  /** From exec to ready. */
  double milliseconds() {
    return milliseconds;
  }

  /** The port of its REST interface. */
  int http() {
    return http;
  }

  /** The port of its gRPC interface. */
  int grpc() {
    return grpc;
  }

  /** Whether it still loads what the first orders will need. */
  boolean rehearses() throws IOException {
    try (Stream<Path> threads = Files.list(Path.of("/proc/" + daemon().pid() + "/task"))) {
      for (Path thread : (Iterable<Path>) threads::iterator) {
        if (named(thread, "faultd-rehearsa")) { // the kernel keeps 15 bytes of a name
          return true;
        }
      }
      return false;
    }
  }

  private static boolean named(Path thread, String name) {
    try {
      return Files.readString(thread.resolve("comm")).startsWith(name);
    } catch (IOException ended) {
      return false;
    }
  }

  /** Processor time that it has used, in milliseconds. */
  double processor() {
    return daemon().info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e6;
  }

  /** Its resident memory in MiB. */
  double resident() throws IOException {
    return Files.readAllLines(Path.of("/proc/" + daemon().pid() + "/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1024)
        .sum();
  }

  private ProcessHandle daemon() {
    return process.children().findFirst().orElse(process.toHandle());
  }

  private boolean ready() {
    try {
      HttpURLConnection connection =
          (HttpURLConnection)
              URI.create("http://127.0.0.1:" + http + "/health/ready").toURL().openConnection();
      int status = connection.getResponseCode();
      connection.disconnect();
      return status < 300;
    } catch (IOException notYet) {
      return false;
    }
  }

  private static int free() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private void end() {
    // what it runs under ends with it
    daemon().destroy();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    end();
    Places.delete(place);
  }
}
