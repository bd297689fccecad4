package io.faultd.agent.testing;

import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.VirtualMachine;
import io.faultd.targets.Target;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.objectweb.asm.ClassReader;

/** A JVM of its own that runs {@link Target}, and the daemon's side of the conversation with it. */
public final class TargetJvm implements AutoCloseable {
  private static final Path JAR =
      Path.of(System.getProperty("faultd.agent", "target/faultd-agent.jar")).toAbsolutePath();

  private final Process process;
  private final BufferedReader out;
  private final PrintStream in;
  private final Path folder;
  private final List<Closeable> earlier = new ArrayList<>();
  private RandomAccessFile requests;
  private FileInputStream replies;
  private int number;
  private final String home;

  private TargetJvm(Path home, List<String> options) throws IOException {
    this.home = home.getFileName().toString();
    List<String> command = new ArrayList<>(List.of(home.resolve("bin/java").toString()));
    command.addAll(options);
    if (!options.contains("-cp")) {
      command.addAll(List.of("-cp", classPath()));
    }
    folder = Files.createTempDirectory("faultd-agent-test");
    command.add("-Djava.io.tmpdir=" + folder);
    command.add(Target.class.getName());
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    out = process.inputReader(StandardCharsets.UTF_8);
    in = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
  }

  /** {@link Target} and what looks at classes for it; of libraries only what a test asks for. */
  private static String classPath() {
    return Stream.of(Target.class, ClassReader.class)
        .map(each -> each.getProtectionDomain().getCodeSource().getLocation().getPath())
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Starts one that has a library, of {@code target/libraries}, and brings in the agent. */
  public static TargetJvm with(Path home, String library, String... options) throws Exception {
    Path folder = Path.of(System.getProperty("faultd.libraries", "target/libraries"), library);
    String jars;
    try (Stream<Path> all = Files.list(folder)) {
      jars = all.map(Path::toString).sorted().collect(Collectors.joining(File.pathSeparator));
    }
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of("-cp", jars + File.pathSeparator + classPath()));
    return attached(home, all.toArray(new String[0]));
  }

  /** The JDKs of this machine, or of {@code -Dfaultd.jvms}: each is a kind of target. */
  public static Stream<Path> homes() throws IOException {
    Path folder = Path.of(System.getProperty("faultd.jvms", "/usr/lib/jvm"));
    try (Stream<Path> all = Files.list(folder)) {
      return all
          .filter(Files::isDirectory)
          .filter(home -> !Files.isSymbolicLink(home))
          .filter(home -> Files.isExecutable(home.resolve("bin/java")))
          .toList()
          .stream();
    }
  }

  /** The JDK that the tests run on. */
  public static Path home() {
    return Path.of(System.getProperty("java.home"));
  }

  /** Starts one, with no agent. */
  public static TargetJvm start(Path home, String... options) throws IOException {
    TargetJvm jvm = new TargetJvm(home, List.of(options));
    jvm.out.readLine();
    return jvm;
  }

  /** Starts one and brings in the agent. */
  public static TargetJvm attached(Path home, String... options) throws Exception {
    TargetJvm jvm = start(home, options);
    jvm.attach(Map.of());
    return jvm;
  }

  /** Brings in the agent; returns what it says first. */
  public Reply attach(Map<String, String> more) throws Exception {
    for (String name : List.of("requests", "replies")) {
      Files.deleteIfExists(folder.resolve(name));
      new ProcessBuilder("mkfifo", "-m", "600", folder.resolve(name).toString())
          .inheritIO()
          .start()
          .waitFor();
    }
    Files.copy(JAR, folder.resolve("agent.jar"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    if (requests != null) {
      earlier.addAll(List.of(requests, replies));
    }
    requests = new RandomAccessFile(folder.resolve("requests").toFile(), "rw");
    Map<String, String> options = new LinkedHashMap<>();
    for (String name : List.of("requests", "replies")) {
      options.put(name, folder.resolve(name).toString());
    }
    options.put("jar", folder.resolve("agent.jar").toString());
    options.put("instance", "cafe");
    options.putAll(more);
    StringBuilder text = new StringBuilder();
    options.forEach((key, value) -> text.append(key + "=" + value + ";"));
    Reply hello;
    // both ends until it has opened its own, so that nobody waits; then its end is that of the file
    try (RandomAccessFile both = new RandomAccessFile(folder.resolve("replies").toFile(), "rw")) {
      replies = new FileInputStream(folder.resolve("replies").toFile());
      load(folder.resolve("agent.jar"), text.substring(0, text.length() - 1));
      hello = reply();
    }
    for (String name : List.of("requests", "replies", "agent.jar")) {
      Files.deleteIfExists(folder.resolve(name));
    }
    return hello;
  }

  /** Brings in another agent. */
  public void load(Path jar) throws Exception {
    load(jar, "");
  }

  private void load(Path jar, String options) throws Exception {
    VirtualMachine machine = VirtualMachine.attach(Long.toString(process.pid()));
    try {
      machine.loadAgent(jar.toString(), options);
    } catch (AgentLoadException e) {
      // Java 8 says 0, and newer ones do not take that for the success that it is
      if (!String.valueOf(e.getMessage()).endsWith(": 0")) {
        throw e;
      }
    } finally {
      machine.detach();
    }
  }

  /** The process. */
  public Process process() {
    return process;
  }

  /** Sends it a signal. */
  public void signal(String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  /** Sends a request, like {@code add rule=a}; the values are encoded. */
  public Reply ask(String word, String... fields) throws IOException {
    say(word, fields);
    return reply();
  }

  /** Sends a request, not waiting for its {@link #reply}. */
  public void say(String word, String... fields) throws IOException {
    StringBuilder line = new StringBuilder(word + " " + ++number);
    for (String field : fields) {
      int equals = field.indexOf('=') + 1;
      line.append(' ').append(field, 0, equals).append(encoded(field.substring(equals)));
    }
    requests.write((line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static String encoded(String value) {
    return java.net.URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** What it says next. */
  public Reply reply() throws IOException {
    List<Map<String, String>> items = new ArrayList<>();
    while (true) {
      String line = line();
      String[] parts = line.split(" ", -1);
      Map<String, String> fields = new LinkedHashMap<>();
      for (String part : List.of(parts).subList(2, parts.length)) {
        int equals = part.indexOf('=');
        fields.put(
            part.substring(0, equals),
            java.net.URLDecoder.decode(part.substring(equals + 1), StandardCharsets.UTF_8));
      }
      if (!parts[0].equals("item")) {
        return new Reply(parts[0], fields, items);
      }
      items.add(fields);
    }
  }

  private String line() throws IOException {
    java.io.ByteArrayOutputStream line = new java.io.ByteArrayOutputStream();
    for (int next = replies.read(); next != '\n'; next = replies.read()) {
      if (next < 0) {
        throw new IOException("the agent is gone");
      }
      line.write(next);
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  /** As if the daemon were killed. */
  public void hangUp() throws IOException {
    requests.close();
    replies.close();
  }

  /** Has {@link Target} do something; returns its answer. */
  public Map<String, String> run(String command) throws IOException {
    send(command);
    return result();
  }

  /** Has it do something, not waiting for it. */
  public void send(String command) {
    in.println(command);
  }

  /** The answer to what was sent. */
  public Map<String, String> result() throws IOException {
    String line = out.readLine();
    if (line == null) {
      throw new IOException("the target is gone");
    }
    Map<String, String> result = new LinkedHashMap<>();
    for (String part : line.split("\t", -1)) {
      int equals = part.indexOf('=');
      result.put(part.substring(0, equals), part.substring(equals + 1));
    }
    return result;
  }

  /** Names of the classes of ours that are loaded there; needs the agent of the tests. */
  public List<String> classes() throws IOException {
    return Stream.of(run("classes").get("names").split(" ", -1))
        .filter(name -> !name.startsWith("io.faultd.targets"))
        .sorted()
        .toList();
  }

  /** Names of its open files. */
  public List<String> files() throws IOException {
    List<String> names = new ArrayList<>();
    File[] open = new File("/proc/" + process.pid() + "/fd").listFiles();
    for (File each : open) {
      try {
        names.add(Files.readSymbolicLink(each.toPath()).toString());
      } catch (java.nio.file.NoSuchFileException e) {
        continue;
      }
    }
    return names;
  }

  @Override
  public String toString() {
    return home;
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
      // HotSpot leaves it when it is killed, and one that has its pid later may not remove it
      Files.deleteIfExists(Path.of("/tmp/.java_pid" + process.pid()));
      if (requests != null) {
        hangUp();
      }
      for (Closeable each : earlier) {
        each.close();
      }
      List<Path> left;
      try (Stream<Path> all = Files.walk(folder)) {
        left = all.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path each : left) {
        Files.delete(each);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What the agent answers.
   *
   * @param word ok, error or hello
   */
  public record Reply(String word, Map<String, String> fields, List<Map<String, String>> items) {
    /** A field of the last line. */
    public String get(String key) {
      return fields.get(key);
    }

    /** The first item's field. */
    public String item(String key) {
      return items.get(0).get(key);
    }
  }
}
