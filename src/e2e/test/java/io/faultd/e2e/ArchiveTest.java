package io.faultd.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Eventually;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;

/** The archive of classes with which the launcher starts the daemon: a help, never a need. */
@EnabledForJreRange(min = JRE.JAVA_25)
class ArchiveTest {
  private static final Path BUILT =
      Path.of(System.getProperty("faultd.root"), "src", "daemon", "target");

  @TempDir Path home;
  private Path launcher;
  private Path archive;

  @BeforeEach
  void install() throws IOException {
    Path target = Files.createDirectories(home.resolve("with blank/src/daemon/target"));
    archive = target.resolve("faultd.aot");
    Files.createLink(target.resolve("faultd.jar"), BUILT.resolve("faultd.jar"));
    Files.createDirectory(target.resolve("lib"));
    try (Stream<Path> libraries = Files.list(BUILT.resolve("lib"))) {
      for (Path each : libraries.toList()) {
        Files.createLink(target.resolve("lib").resolve(each.getFileName()), each);
      }
    }
    launcher = Files.createDirectory(home.resolve("with blank/deploy")).resolve("faultd");
    Files.copy(Daemon.LAUNCHER, launcher, StandardCopyOption.COPY_ATTRIBUTES);
  }

  @Test
  void isMadeAndUsedAndPassedOverWithoutAWordIfItDoesNotFit() throws Exception {
    assertEquals("", said("archive"));
    try (Stream<Path> left = Files.list(archive.getParent())) {
      assertEquals(
          List.of("faultd.aot", "faultd.jar", "lib"),
          left.map(each -> each.getFileName().toString()).sorted().toList());
    }
    String version = said("--version");
    assertTrue(version.startsWith("faultd ") && version.lines().count() == 1, version);
    assertTrue(mapped());

    byte[] good = Files.readAllBytes(archive);
    Files.write(archive, Arrays.copyOf(good, good.length / 2));
    assertEquals(version, said("--version"));
    Files.writeString(archive, "no archive");
    assertEquals(version, said("--version"));
    // another build
    Files.write(archive, good);
    Path jar = archive.resolveSibling("faultd.jar");
    Files.delete(jar);
    Files.copy(BUILT.resolve("faultd.jar"), jar);
    Files.setLastModifiedTime(jar, FileTime.from(Instant.EPOCH));
    assertEquals(version, said("--version"));
    assertFalse(mapped());
  }

  /** What the launcher writes, to whichever stream. */
  private String said(String argument) throws Exception {
    Process process =
        new ProcessBuilder(launcher.toString(), argument).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), text);
    return text;
  }

  /** Whether a daemon that listens has classes of the archive. */
  private boolean mapped() throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(launcher.toString(), "--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0");
    Path log = home.resolve("log");
    builder.environment().put("FAULTD_DATA_DIR", home.resolve("data").toString());
    builder.environment().put("FAULTD_NODE_LOCK", home.resolve("lock").toString());
    Process daemon = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      Eventually.eventually(
          "it is ready",
          () -> Files.readString(log).contains(" Daemon ready") || !daemon.isAlive());
      assertTrue(daemon.isAlive(), Files.readString(log));
      return Files.readString(Path.of("/proc/" + daemon.pid() + "/maps"))
          .contains(archive.toString());
    } finally {
      daemon.destroy();
      daemon.waitFor();
    }
  }
}
