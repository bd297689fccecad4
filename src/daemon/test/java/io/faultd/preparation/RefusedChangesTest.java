package io.faultd.preparation;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.Experiment;
import io.faultd.experiment.Permit;
import io.faultd.experiment.Status;
import io.faultd.testing.Requires;
import io.faultd.testing.TargetJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** JVMs that do not let a class be changed back, as another agent's defect makes them. */
@Requires("root")
class RefusedChangesTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @MethodSource("io.faultd.testing.TargetJvm#versions")
  void whatStaysInTheJvmIsSaidWhenItsAgentHasEnded(int version) throws Exception {
    Path refusing = folder.resolve("refusing");
    try (TargetJvm target = TargetJvm.of(version, "-javaagent:" + spoiler() + "=" + refusing);
        JvmNode node = new JvmNode(folder.resolve("data"))) {
      assertEquals("4", target.result("till 4"));
      Experiment fault = injected(node, target);
      Files.createFile(refusing);
      assertEquals(Status.DESTROYED, node.destroy(fault).status());
      assertEquals("4", target.result("till 4"));
      String error = revoked(node);
      assertTrue(error.contains("code that does nothing any more stays in [Shop$Till]"), error);
      assertEquals("4", target.result("till 4"));
      Files.delete(refusing);
      node.destroy(injected(node, target));
      assertEquals("", revoked(node));
    }
  }

  @Test
  void whatStaysInTheJvmIsSaidWhileItsAgentRunsAndNotLonger() throws Exception {
    Path refusing = folder.resolve("refusing");
    try (TargetJvm target = TargetJvm.of(25, "-javaagent:" + spoiler() + "=" + refusing);
        JvmNode node = new JvmNode(folder.resolve("data"))) {
      assertEquals("4", target.result("till 4"));
      Experiment fault = injected(node, target);
      Files.createFile(refusing);
      assertEquals(Status.DESTROYED, node.destroy(fault).status());
      eventually(
          "it is said", () -> running(node).error().contains("any more stays in [Shop$Till]"));
      Files.delete(refusing);
      eventually("it is out", () -> running(node).error().isEmpty());
      assertEquals("", revoked(node));
    }
  }

  private static Experiment injected(JvmNode node, TargetJvm target) {
    Experiment fault =
        node.inject(
            target.pid(), "return", "classname", "Shop$Till", "methodname", "count", "value", "7");
    assertEquals("7", target.result("till 4"));
    return fault;
  }

  private static Preparation running(JvmNode node) {
    return node.preparations
        .list(new PreparationQuery(null, PreparationStatus.RUNNING, 0, 10, false))
        .getFirst();
  }

  private static String revoked(JvmNode node) {
    Preparation record = node.preparations.revoke(running(node).uid(), Permit.OWN);
    assertEquals(PreparationStatus.REVOKED, record.status());
    return record.error();
  }

  private Path spoiler() throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Premain-Class", "Spoiler");
    manifest.getMainAttributes().putValue("Can-Retransform-Classes", "true");
    Path jar = folder.resolve("spoiler.jar");
    Path source = folder.resolve("Spoiler.java");
    try (var in = RefusedChangesTest.class.getResourceAsStream("/jvm/Spoiler.java")) {
      Files.copy(in, source);
    }
    ToolProvider.getSystemJavaCompiler()
        .run(null, null, null, "--release", "8", "-Xlint:-options", source.toString());
    try (var out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
      for (String name : List.of("Spoiler.class", "Spoiler$1.class")) {
        out.putNextEntry(new ZipEntry(name));
        Files.copy(folder.resolve(name), out);
      }
    }
    return jar;
  }
}
