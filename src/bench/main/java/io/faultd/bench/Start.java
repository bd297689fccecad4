package io.faultd.bench;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToDoubleFunction;

/**
 * The packaged daemon from exec to ready, and its memory when idle, with several sets of flags.
 *
 * <p>{@code java -cp src/bench/target/bench.jar io.faultd.bench.Start [RUNS]}
 */
public final class Start {
  private static final String JAR = "src/daemon/target/faultd.jar";
  private static final List<String> ALWAYS =
      List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");

  private static final String LAUNCHER =
      "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx96m -Xss512k";

  /** One thing differs from the launcher's flags in each but the first. */
  private static final Map<String, String> SETS = new LinkedHashMap<>();

  static {
    SETS.put("launcher", LAUNCHER);
    SETS.put("G1", "-XX:+UseG1GC -XX:TieredStopAtLevel=1 -Xmx96m -Xss512k");
    SETS.put("with C2", "-XX:+UseSerialGC -Xmx96m -Xss512k");
    SETS.put("Xmx64m", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx64m -Xss512k");
    SETS.put("Xmx256m", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx256m -Xss512k");
    SETS.put("Xss1m", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx96m -Xss1m");
    SETS.put("none", "");
  }

  private Start() {}

  /**
   * Prints a table.
   *
   * @param args how many runs each, default 10
   */
  public static void main(String[] args) throws Exception {
    int runs = args.length > 0 ? Integer.parseInt(args[0]) : 10;
    once(LAUNCHER); // files into the page cache
    Map<String, List<Run>> seen = new LinkedHashMap<>();
    for (int i = 0; i < runs; i++) {
      // in turns, so that what else the machine does meets all alike
      for (Map.Entry<String, String> set : SETS.entrySet()) {
        seen.computeIfAbsent(set.getKey(), name -> new ArrayList<>()).add(once(set.getValue()));
      }
    }
    seen.forEach((name, all) ->
        System.out.printf(
            Locale.ROOT,
            "%-9s ready %5.0f ms (best %.0f)  CPU until ready %5.0f ms  idle RSS %4.0f MB%n",
            name,
            median(all, Run::milliseconds),
            all.stream().mapToDouble(Run::milliseconds).min().orElse(0),
            median(all, Run::processor),
            median(all, Run::megabytes)));
  }

  private static double median(List<Run> runs, ToDoubleFunction<Run> figure) {
    return runs.stream().mapToDouble(figure).sorted().skip(runs.size() / 2).findFirst().orElse(0);
  }

  private record Run(double milliseconds, double processor, double megabytes) {}

  private static Run once(String flags) throws Exception {
    Path place = Places.make("start");
    int http = free();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (!flags.isEmpty()) {
      command.addAll(Arrays.asList(flags.split(" ", -1)));
    }
    command.addAll(ALWAYS);
    command.addAll(List.of("-jar", JAR, "--data-dir", place.resolve("data").toString()));
    command.addAll(List.of("--http", "127.0.0.1:" + http, "--grpc", "127.0.0.1:" + free()));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("FAULTD_NODE_LOCK", place.resolve("node.lock").toString());
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.redirectErrorStream(true).redirectOutput(place.resolve("log").toFile());
    long begin = System.nanoTime();
    Process daemon = builder.start();
    try {
      while (!ready(http)) {
        if (!daemon.isAlive()) {
          throw new IOException(Files.readString(place.resolve("log")));
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
      }
      double milliseconds = (System.nanoTime() - begin) / 1e6;
      double processor = daemon.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e6;
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
      return new Run(milliseconds, processor, resident(daemon.pid()));
    } finally {
      daemon.destroy();
      daemon.waitFor();
      Places.delete(place);
    }
  }

  private static boolean ready(int port) {
    try {
      HttpURLConnection connection =
          (HttpURLConnection)
              URI.create("http://127.0.0.1:" + port + "/health/ready").toURL().openConnection();
      int status = connection.getResponseCode();
      connection.disconnect();
      return status < 300;
    } catch (IOException notYet) {
      return false;
    }
  }

  private static double resident(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1024)
        .sum();
  }

  private static int free() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
