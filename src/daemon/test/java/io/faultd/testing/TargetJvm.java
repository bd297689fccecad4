package io.faultd.testing;

import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.linux.proc.Procfs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** Another JVM, of any version and in any surroundings, running {@code Shop}; to be harmed. */
public final class TargetJvm implements AutoCloseable {
  /** Where Debian and others put JDKs. */
  private static final Path JDKS = Path.of("/usr/lib/jvm");

  /** A folder of more of them, of which each is to be tried. */
  private static final String MORE = System.getProperty("faultd.jvms", "");

  private static final Path CLASSES = compiled();

  private final Process process;
  private final BufferedReader output;
  private final String tag;
  private final int pid;

  private TargetJvm(Process process, String tag) throws Exception {
    this.process = process;
    this.tag = tag;
    this.output = process.inputReader(StandardCharsets.UTF_8);
    String line = output.readLine();
    while (line != null && !line.equals("ready")) {
      line = output.readLine();
    }
    this.pid =
        Stream.concat(Stream.of(process.toHandle()), process.descendants())
            .mapToInt(each -> (int) each.pid())
            .filter(each -> Procfs.HOST.stat(each).filter(s -> s.name().equals("java")).isPresent())
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("it did not start"));
  }

  /** Where its classes are. */
  public static Path classes() {
    return CLASSES;
  }

  /** The versions that are to be tried: those of {@code -Dfaultd.jvms}, else 17 and 25. */
  public static Stream<Integer> versions() {
    if (MORE.isEmpty()) {
      return Stream.of(17, 25);
    }
    return homes(Path.of(MORE))
        .map(home -> home.getFileName().toString().replaceAll("^\\D+(\\d+).*", "$1"))
        .map(Integer::valueOf)
        .sorted();
  }

  /** The java of a version, as 17 or 25. */
  public static String java(int version) {
    return Stream.concat(MORE.isEmpty() ? Stream.of() : homes(Path.of(MORE)), homes(JDKS))
        .filter(home -> home.getFileName().toString().contains("-" + version + "-"))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no JDK " + version + " in " + JDKS))
        .resolve("bin/java")
        .toString();
  }

  /** The JDK of a version. */
  public static Path home(int version) {
    return Path.of(java(version)).getParent().getParent();
  }

  private static Stream<Path> homes(Path folder) {
    try (Stream<Path> homes = Files.list(folder)) {
      return homes
          .filter(home -> Files.isExecutable(home.resolve("bin/java")))
          .sorted()
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One of a version, started with options. */
  public static TargetJvm of(int version, String... options) {
    return in(List.of(), version, options);
  }

  /**
   * One in other surroundings.
   *
   * @param prefix a command that ends by executing what follows it (setpriv, unshare, ...)
   */
  public static TargetJvm in(List<String> prefix, int version, String... options) {
    String tag = "-Dtag=" + Victim.tag();
    List<String> command = new ArrayList<>(prefix);
    command.add(java(version));
    command.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", tag));
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", CLASSES.toString(), "Shop"));
    try {
      return new TargetJvm(new ProcessBuilder(command).redirectErrorStream(true).start(), tag);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * What goes before one that has mounts of its own, and a /tmp that is read-only.
   *
   * @param before what is done in /tmp before that; a shell's command, or empty
   */
  public static List<String> behindReadOnlyTmp(String before) {
    return List.of(
        "unshare",
        "--mount",
        "--propagation",
        "private",
        "sh",
        "-c",
        "mount -t tmpfs none /tmp && cd /tmp && { %s :; } && mount -o remount,ro /tmp && cd / &&"
                .formatted(before.isEmpty() ? "" : before + ";")
            + " exec \"$0\" \"$@\"");
  }

  /** What is mounted where it is. */
  public String mounts() {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/mountinfo"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its pid as the daemon sees it. */
  public int pid() {
    return pid;
  }

  /** A text that only its command line has. */
  public String tag() {
    return tag;
  }

  /** Whether it runs. */
  public boolean alive() {
    return process.isAlive();
  }

  /** Tells it something; what it answers. */
  public String ask(String order) {
    try {
      process.getOutputStream().write((order + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
      String line = output.readLine();
      // what the JVM says of itself (that agents will be disallowed, ...) is not meant
      while (line != null && (line.startsWith("WARNING") || line.contains(" warning: "))) {
        line = output.readLine();
      }
      return String.valueOf(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The milliseconds at the end of an answer. */
  public long millis(String order) {
    String answer = ask(order);
    return Long.parseLong(answer.substring(answer.lastIndexOf(' ') + 1));
  }

  /** The answer without its milliseconds. */
  public String result(String order) {
    String answer = ask(order);
    return answer.substring(0, answer.lastIndexOf(' '));
  }

  /** Sends it a signal. */
  public void signal(String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, Integer.toString(pid)).start().waitFor();
  }

  /** What is left in its /tmp, as it sees it, of those who attached to it. */
  public List<String> left() {
    ProcessIdentity self = Procfs.HOST.identity(pid).orElseThrow();
    String ours = "-jvm%08x-".formatted(31 * (int) self.startTicks() + pid);
    try (Stream<Path> names = Files.list(Path.of("/proc/" + pid + "/root/tmp"))) {
      return names
          .map(name -> name.getFileName().toString())
          .filter(name -> name.contains(ours) || name.equals(".attach_pid" + pid))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    try {
      process.waitFor();
      output.close();
      process.getOutputStream().close();
      // HotSpot leaves it when it is killed, and does not remove it before another has its pid
      Files.deleteIfExists(Path.of("/tmp/.java_pid" + pid));
    } catch (IOException gone) {
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Path compiled() {
    try {
      // where everybody can read it, and no private /tmp hides it
      Path folder = Files.createTempDirectory(Path.of("/var/tmp"), "faultd-shop");
      folder.toFile().setExecutable(true, false);
      folder.toFile().setReadable(true, false);
      Path source = folder.resolve("Shop.java");
      try (var in = TargetJvm.class.getResourceAsStream("/jvm/Shop.java")) {
        Files.copy(in, source);
      }
      int failed =
          ToolProvider.getSystemJavaCompiler()
              .run(
                  null,
                  OutputStream.nullOutputStream(), // what it says of a release that is old
                  OutputStream.nullOutputStream(),
                  "--release",
                  "8",
                  "-nowarn",
                  "-d",
                  folder.toString(),
                  source.toString());
      if (failed != 0) {
        throw new IllegalStateException("Shop.java does not compile");
      }
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted(Comparator.reverseOrder()).forEach(each -> each.toFile().delete());
    } catch (IOException gone) {
      return;
    }
  }
}
