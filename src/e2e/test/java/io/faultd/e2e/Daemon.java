package io.faultd.e2e;

import static io.faultd.testing.Eventually.eventually;

import io.faultd.v1.ExperimentServiceGrpc;
import io.faultd.v1.ExperimentServiceGrpc.ExperimentServiceBlockingStub;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The packaged daemon, started by the launcher on free ports, with a data folder, node lock and
 * temporary folder of its own. Closing it kills it.
 */
final class Daemon implements AutoCloseable {
  /** The launcher. */
  static final Path LAUNCHER = Path.of(System.getProperty("faultd.root"), "deploy", "faultd");

  private static final Pattern LISTENING =
      Pattern.compile("listening: HTTP [^ ]*:(\\d+), gRPC [^ ]*:(\\d+)");

  private final Path folder;
  private final Map<String, String> settings = new TreeMap<>();
  private final List<String> prefix = new ArrayList<>();
  private boolean bare;
  private @Nullable Process process;
  private @Nullable ManagedChannel channel;
  private long pid;
  private int http;
  private int grpc;

  private Daemon(Path folder) {
    this.folder = folder;
    with("node.lock", folder.resolve("lock").toString());
    with("data.dir", data().toString());
    // wherever the tests keep their folders
    with("data.ephemeral", "true");
  }

  /** One that keeps its things in a folder, and does not run yet. */
  static Daemon in(Path folder) {
    return new Daemon(folder);
  }

  /** With a setting, such as {@code limits.experiments}. */
  Daemon with(String key, String value) {
    settings.put(key, value);
    return this;
  }

  /** Started by another command, which gets the launcher as its last arguments. */
  Daemon under(String... command) {
    prefix.addAll(List.of(command));
    return this;
  }

  /** Started with nothing in its environment. */
  Daemon bare() {
    bare = true;
    return this;
  }

  /** Starts it; it takes orders when this returns. */
  Daemon start() throws Exception {
    launch();
    await();
    return this;
  }

  /** Waits until it takes orders. */
  void await() throws Exception {
    eventually("faultd listens", () -> listening() || !running());
    eventually("faultd is ready", () -> !running() || rest().get("/health/ready").status() == 200);
    if (!running()) {
      throw new IllegalStateException("faultd ended: " + log());
    }
    pid = find();
  }

  /** Starts it; it may well end at once, for its log tells why. */
  Daemon launch() throws IOException {
    Files.createDirectories(temporary());
    Path config = config();
    Files.writeString(config, yaml());
    Files.deleteIfExists(logFile());
    List<String> command = new ArrayList<>(prefix);
    command.addAll(List.of(LAUNCHER.toString(), "serve", "--config", config.toString()));
    command.addAll(List.of("--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0"));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(logFile().toFile())
            .redirectInput(new File("/dev/null"));
    builder.environment().keySet().removeIf(name -> bare || name.startsWith("FAULTD_"));
    if (!bare) {
      builder.environment().put("JDK_JAVA_OPTIONS", "-Djava.io.tmpdir=" + temporary());
    }
    process = builder.start();
    return this;
  }

  /** Kills it as a crash would, with nothing written any more. */
  void kill() throws Exception {
    ProcessHandle daemon = ProcessHandle.of(pid).orElseThrow();
    daemon.destroyForcibly();
    daemon.onExit().get(10, TimeUnit.SECONDS);
    forget();
  }

  /** Ends it as a supervisor would, and gives its exit code. */
  int terminate() throws Exception {
    ProcessHandle.of(pid).orElseThrow().destroy();
    Process ending = started();
    if (!ending.waitFor(15, TimeUnit.SECONDS)) {
      throw new IllegalStateException("faultd does not end: " + log());
    }
    forget();
    return ending.exitValue();
  }

  /** Its REST interface. */
  Rest rest() {
    return new Rest("http://127.0.0.1:" + http, null);
  }

  /** Its gRPC interface. */
  synchronized ManagedChannel channel() {
    ManagedChannel open = channel;
    if (open == null) {
      open = ManagedChannelBuilder.forAddress("127.0.0.1", grpc).usePlaintext().build();
      channel = open;
    }
    return open;
  }

  /** Experiments over gRPC; each call of this gives 30 s anew. */
  ExperimentServiceBlockingStub experiments() {
    return ExperimentServiceGrpc.newBlockingStub(channel()).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  int httpPort() {
    return http;
  }

  int grpcPort() {
    return grpc;
  }

  /** The pid of the daemon itself, as this process sees it. */
  long pid() {
    return pid;
  }

  /** The process that was started: the daemon, or what it runs under. */
  Process started() {
    if (process == null) {
      throw new IllegalStateException("not started");
    }
    return process;
  }

  boolean running() {
    return started().isAlive();
  }

  Path data() {
    return folder.resolve("data");
  }

  /** All that it wrote since it was started. */
  String log() throws IOException {
    return Files.exists(logFile()) ? Files.readString(logFile()) : "";
  }

  /** How many descriptors it has open. */
  int descriptors() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      return (int) all.count();
    }
  }

  /** The names of its threads. */
  List<String> threads() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/" + pid + "/task"))) {
      return all.map(Daemon::threadName).filter(name -> !name.isEmpty()).sorted().toList();
    }
  }

  /** How much of the memory it occupies, in MB. */
  long resident() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
      String line = lines.filter(each -> each.startsWith("VmRSS:")).findFirst().orElseThrow();
      return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
    }
  }

  /** How much of its heap is in use by what lives, in KB. */
  long live() throws IOException, InterruptedException {
    String jcmd = System.getProperty("java.home") + "/bin/jcmd";
    Tool.run(folder, Map.of(), jcmd, Long.toString(pid), "GC.run");
    String info = Tool.run(folder, Map.of(), jcmd, Long.toString(pid), "GC.heap_info");
    Matcher used = Pattern.compile("total \\d+K, used (\\d+)K").matcher(info);
    long sum = 0;
    while (used.find()) {
      sum += Long.parseLong(used.group(1));
    }
    return sum;
  }

  /** How much time it has used, in ticks of 10 ms. */
  long ticks() throws IOException {
    String[] stat =
        Files.readString(Path.of("/proc/" + pid + "/stat")).split("\\) ", 2)[1].split(" ", -1);
    return Long.parseLong(stat[11]) + Long.parseLong(stat[12]);
  }

  /** Its children: the workers. */
  List<Long> workers() {
    return ProcessHandle.of(pid).stream()
        .flatMap(ProcessHandle::children)
        .filter(ProcessHandle::isAlive)
        .map(ProcessHandle::pid)
        .toList();
  }

  @Override
  public void close() throws Exception {
    if (process != null) {
      List<ProcessHandle> all =
          Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
      all.forEach(ProcessHandle::destroyForcibly);
      for (ProcessHandle each : all) {
        each.onExit().get(10, TimeUnit.SECONDS);
      }
      forget();
    }
  }

  private synchronized void forget() throws Exception {
    ManagedChannel open = channel;
    channel = null;
    if (open != null) {
      open.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  private boolean listening() throws IOException {
    Matcher match = LISTENING.matcher(log());
    boolean found = match.find();
    if (found) {
      http = Integer.parseInt(match.group(1));
      grpc = Integer.parseInt(match.group(2));
    }
    return found;
  }

  private long find() {
    return Stream.concat(Stream.of(started().toHandle()), started().descendants())
        .map(ProcessHandle::pid)
        .filter(each -> text(Path.of("/proc/" + each + "/comm")).startsWith("java"))
        .filter(each -> text(Path.of("/proc/" + each + "/cmdline")).contains("faultd.jar\0serve"))
        .findFirst()
        .orElseThrow();
  }

  private String yaml() {
    Map<String, Map<String, String>> groups =
        settings.entrySet().stream()
            .collect(
                Collectors.groupingBy(
                    entry -> group(entry.getKey()),
                    TreeMap::new,
                    Collectors.toMap(
                        entry -> entry.getKey().substring(entry.getKey().indexOf('.') + 1),
                        entry -> entry.getValue())));
    StringBuilder yaml = new StringBuilder();
    groups.forEach((group, keys) -> {
      yaml.append(group.isEmpty() ? "" : group + ":\n");
      keys.forEach((key, value) ->
          yaml.append("%s%s: \"%s\"%n".formatted(group.isEmpty() ? "" : "  ", key, value)));
    });
    return yaml.toString();
  }

  private static String group(String key) {
    return key.contains(".") ? key.substring(0, key.indexOf('.')) : "";
  }

  /** Its settings. */
  Path config() {
    return folder.resolve("faultd.yaml");
  }

  private Path temporary() {
    return folder.resolve("tmp");
  }

  private Path logFile() {
    return folder.resolve("log");
  }

  private static String threadName(Path task) {
    return text(task.resolve("comm")).strip();
  }

  private static String text(Path path) {
    try {
      return Files.readString(path);
    } catch (IOException gone) {
      return "";
    }
  }
}
