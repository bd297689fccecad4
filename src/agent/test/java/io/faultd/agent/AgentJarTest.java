package io.faultd.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

/** The jar that goes into the JVMs of others. */
class AgentJarTest {
  private static final Path JAR =
      Path.of(System.getProperty("faultd.agent", "target/faultd-agent.jar"));
  private static final int MAGIC = 0xcafebabe;
  private static final int JAVA_8 = 52;

  @Test
  void isSmallWithoutItsLibraries() throws IOException {
    long bytes = 0;
    try (JarFile jar = new JarFile(JAR.toFile())) {
      for (JarEntry entry : (Iterable<JarEntry>) jar.stream()::iterator) {
        if (!entry.getName().startsWith("io/faultd/agent/library/")) {
          bytes += entry.getCompressedSize();
        }
      }
    }
    assertTrue(bytes < 220_000, bytes + " bytes");
  }

  @Test
  void bringsFewClassesToTheBootstrapLoader() throws IOException {
    List<String> boot =
        classes().stream().filter(name -> name.startsWith("java/")).sorted().toList();
    assertEquals(List.of("java/faultd/Gate.class", "java/faultd/Probe.class"), boot);
  }

  @Test
  void hasNothingThatAnApplicationCouldMeet() throws IOException {
    for (String name : classes()) {
      assertTrue(name.startsWith("io/faultd/agent/") || name.startsWith("java/faultd/"), name);
    }
  }

  @Test
  void runsOnJava8() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      for (String name : classes()) {
        try (DataInputStream in = new DataInputStream(jar.getInputStream(jar.getEntry(name)))) {
          assertEquals(MAGIC, in.readInt(), name);
          in.readUnsignedShort();
          assertTrue(in.readUnsignedShort() <= JAVA_8, name);
        }
      }
    }
  }

  private static List<String> classes() throws IOException {
    List<String> names = new ArrayList<>();
    try (JarFile jar = new JarFile(JAR.toFile())) {
      for (JarEntry entry : (Iterable<JarEntry>) jar.stream()::iterator) {
        if (entry.getName().endsWith(".class")) {
          names.add(entry.getName());
        }
      }
    }
    return names;
  }
}
