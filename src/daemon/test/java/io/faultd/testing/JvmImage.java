package io.faultd.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An image with a JVM of a version, the libraries that it needs, {@code Shop} and an empty /tmp: no
 * shell, no tool, nothing else.
 */
public final class JvmImage {
  private static final String MODULES = "java.base,java.instrument,java.management";
  private static final Pattern LIBRARY = Pattern.compile("(?m)(?:=> |^\\s+)(/\\S+) \\(0x");

  /** By containerd and name. */
  private static final Set<String> LOADED = new HashSet<>();

  private JvmImage() {}

  /** Makes it known to a containerd, once; its name. */
  public static synchronized String load(Containerd containerd, int version) throws Exception {
    return load(containerd, version, List.of());
  }

  /** The same with folders in its /tmp. */
  public static synchronized String load(Containerd containerd, int version, List<String> folders)
      throws Exception {
    String name = "localhost/jvm-%d:%s".formatted(version, String.join("-", folders) + 1);
    if (LOADED.add(containerd.name() + name)) {
      load(containerd, version, folders, name);
    }
    return name;
  }

  private static void load(Containerd containerd, int version, List<String> folders, String name)
      throws Exception {
    Path root = containerd.folder().resolve("jvm-" + version);
    Files.createDirectories(root);
    try {
      for (String each : List.of("proc", "dev", "sys", "etc", "tmp", "app")) {
        Files.createDirectory(root.resolve(each));
      }
      Files.setPosixFilePermissions(
          root.resolve("tmp"), PosixFilePermissions.fromString("rwxrwxrwx"));
      for (String each : folders) {
        Files.createDirectory(root.resolve("tmp").resolve(each));
      }
      Path java = Path.of(TargetJvm.java(version));
      run(
          java.resolveSibling("jlink").toString(),
          "--add-modules",
          MODULES,
          "--strip-java-debug-attributes",
          "--no-header-files",
          "--no-man-pages",
          "--output",
          root.resolve("jdk").toString());
      libraries(root);
      try (Stream<Path> classes = Files.list(TargetJvm.classes())) {
        for (Path each : classes.filter(path -> path.toString().endsWith(".class")).toList()) {
          Files.copy(each, root.resolve("app").resolve(each.getFileName()));
        }
      }
      containerd.load(root, name, command());
    } finally {
      run("rm", "-r", root.toString());
    }
  }

  /** What runs in it, and writes to /tmp/shop. */
  public static List<String> command() {
    return command("/tmp/shop");
  }

  /** What runs in it, and writes to a file. */
  public static List<String> command(String file) {
    return List.of(
        "/jdk/bin/java",
        "-Xmx32m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        "/app",
        "Shop",
        file);
  }

  private static void libraries(Path root) throws Exception {
    TreeSet<String> needed = new TreeSet<>();
    try (Stream<Path> files = Files.walk(root.resolve("jdk"))) {
      for (Path each :
          files
              .filter(path -> path.endsWith("bin/java") || path.toString().endsWith(".so"))
              .toList()) {
        Matcher library = LIBRARY.matcher(run("ldd", each.toString()));
        while (library.find()) {
          needed.add(library.group(1));
        }
      }
    }
    for (String each : needed) {
      if (!each.startsWith(root.toString())) {
        Path copy = Path.of(root + each);
        Files.createDirectories(copy.getParent());
        if (!Files.exists(copy, LinkOption.NOFOLLOW_LINKS)) {
          Files.copy(Path.of(each), copy);
          copy.toFile().setExecutable(true, false);
        }
      }
    }
  }

  private static String run(String... command) throws Exception {
    Process tool = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(tool.getInputStream().readAllBytes(), "UTF-8");
    if (!tool.waitFor(60, TimeUnit.SECONDS) || tool.exitValue() != 0) {
      throw new IOException(String.join(" ", command) + ": " + output);
    }
    return output;
  }
}
