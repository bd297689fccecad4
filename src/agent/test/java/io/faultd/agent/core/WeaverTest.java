package io.faultd.agent.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is woven passes the JVM's verifier, in libraries of the world outside.
 *
 * <p>{@code -Dfaultd.woven=java.base:FOLDER} adds the classes of the JDK and the jars of a folder,
 * and all libraries that the tests have.
 */
class WeaverTest {
  private static final String MORE = System.getProperty("faultd.woven", "");
  private static final List<String> FEW = List.of("tomcat-11", "jetty-9.4", "psql-42.7");

  @TempDir Path folder;

  @ParameterizedTest
  @MethodSource("io.faultd.agent.testing.TargetJvm#homes")
  void nothingThatIsWovenIsRefusedByTheVerifier(Path home) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                home.resolve("bin/java").toString(),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xverify:all",
                "-Xbootclasspath/a:" + gate(),
                "-javaagent:" + agent(),
                "-cp",
                System.getProperty("java.class.path"),
                WeaveAll.class.getName()));
    command.addAll(jars());
    Path out = folder.resolve("out");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    process.waitFor();
    List<String> lines = Files.readAllLines(out);
    String all = String.join("\n", lines);
    List<String> broken = lines.stream().filter(line -> line.startsWith("broken: ")).toList();
    assertEquals(2, broken.size(), all);
    assertTrue(broken.stream().allMatch(line -> line.contains("VerifyError")), all);
    Map<String, Integer> counts = new HashMap<>();
    for (String each : lines.get(lines.size() - 1).split(" ", -1)) {
      String[] parts = each.split("=", -1);
      counts.put(parts[0], Integer.valueOf(parts[1]));
    }
    System.out.println(home.getFileName() + ": " + lines.get(lines.size() - 1));
    assertEquals(0, counts.get("failures"), all);
    assertTrue(counts.get("methods") >= 20_000, all);
    // what a class is verified against is not always there
    assertTrue(counts.get("unlinkable") + counts.get("toolarge") < counts.get("classes") / 20, all);
  }

  private static List<String> jars() throws IOException {
    List<String> jars = new ArrayList<>();
    Path libraries = Path.of(System.getProperty("faultd.libraries", "target/libraries"));
    try (Stream<Path> all = Files.list(libraries)) {
      for (Path library : (Iterable<Path>) all.sorted()::iterator) {
        if (!MORE.isEmpty() || FEW.contains(library.getFileName().toString())) {
          jars.addAll(jars(library));
        }
      }
    }
    for (String each : MORE.split(":", -1)) {
      if (each.startsWith("/")) {
        jars.addAll(jars(Path.of(each)));
      } else if (!each.isEmpty()) {
        jars.add(each);
      }
    }
    return jars;
  }

  private static List<String> jars(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.map(Path::toString).filter(name -> name.endsWith(".jar")).sorted().toList();
    }
  }

  /** What woven code calls, for the bootstrap loader. */
  private Path gate() throws IOException {
    Path boot = folder.resolve("boot");
    for (String name : List.of("java/faultd/Gate.class", "java/faultd/Probe.class")) {
      Files.createDirectories(boot.resolve(name).getParent());
      try (InputStream in = WeaverTest.class.getClassLoader().getResourceAsStream(name)) {
        Files.copy(in, boot.resolve(name));
      }
    }
    return boot;
  }

  private Path agent() throws IOException {
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.put(new Attributes.Name("Premain-Class"), WeaveAll.class.getName());
    attributes.put(new Attributes.Name("Can-Retransform-Classes"), "true");
    Path jar = folder.resolve("weaves.jar");
    try (OutputStream out = Files.newOutputStream(jar)) {
      new JarOutputStream(out, manifest).close();
    }
    return jar;
  }
}
