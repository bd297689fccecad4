package io.faultd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.spec.Specs;
import io.faultd.testing.Kernel;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder of specs as Kubernetes mounts it from a ConfigMap. */
@Requires("root")
class SpecsFolderTest {
  @TempDir private Path home;

  /** Our own, but for what it says of an action. */
  private static String spec() throws IOException {
    Path own = Path.of(System.getProperty("faultd.root"), "specs", "os", "cpu.yaml");
    return Files.readString(own)
        .replaceFirst("(?m)^    desc: .*$", "    desc: As this node calls it.");
  }

  private StartException refusal(Path specs) {
    return assertThrows(
        StartException.class, () -> SecretFile.trustedFolder(Setting.SPECS_DIR, specs));
  }

  @Test
  void aFolderThatNobodyCanWriteIsTakenWhateverItsModeAndAFileIsNot() throws Exception {
    Path specs = Files.createDirectory(home.resolve("specs"));
    try (var mounted = Kernel.tmpfs(specs, "size=1m,mode=777")) {
      Path version = Files.createDirectory(specs.resolve("..2026_01_01"));
      Path file = Files.writeString(version.resolve("cpu.yaml"), spec());
      Files.createSymbolicLink(specs.resolve("..data"), Path.of("..2026_01_01"));
      Files.createSymbolicLink(specs.resolve("cpu.yaml"), Path.of("..data/cpu.yaml"));
      assertEquals(
          "specs.dir: "
              + specs
              + " can be written by every user; it must be one that only root can change",
          refusal(specs).getMessage());
      mounted.readOnly();
      SecretFile.trustedFolder(Setting.SPECS_DIR, specs);
      assertTrue(
          Specs.load(specs).all().stream()
              .anyMatch(spec -> spec.desc().equals("As this node calls it.")));
      mounted.writable();
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
      mounted.readOnly();
      assertTrue(refusal(specs).getMessage().contains("cpu.yaml can be written by every user"));
    }
  }

  @Test
  void whatBelongsToAnotherUserIsRefusedThereToo() throws Exception {
    Path specs = Files.createDirectory(home.resolve("specs"));
    try (var mounted = Kernel.tmpfs(specs, "size=1m,mode=755")) {
      Files.setAttribute(Files.writeString(specs.resolve("x.yaml"), spec()), "unix:uid", 4711);
      mounted.readOnly();
      assertTrue(refusal(specs).getMessage().contains("belongs to user 4711"));
    }
  }

  @Test
  void whatLiesDeeperIsLookedAtToo() throws Exception {
    Path deeper = Files.createDirectories(home.resolve("specs/os"));
    Path spec = Files.writeString(deeper.resolve("cpu.yaml"), spec());
    Files.setPosixFilePermissions(spec, PosixFilePermissions.fromString("rw-rw-rw-"));
    assertTrue(refusal(home.resolve("specs")).getMessage().startsWith("specs.dir: " + spec));
  }

  @Test
  void aLinkOutOfAReadOnlyFolderIsAsGoodAsItsTarget() throws Exception {
    Path outside = Files.writeString(home.resolve("cpu.yaml"), spec());
    Files.setPosixFilePermissions(outside, PosixFilePermissions.fromString("rw-rw-rw-"));
    Path specs = Files.createDirectory(home.resolve("specs"));
    try (var mounted = Kernel.tmpfs(specs, "size=1m,mode=755")) {
      Files.createSymbolicLink(specs.resolve("cpu.yaml"), outside);
      mounted.readOnly();
      assertTrue(refusal(specs).getMessage().contains("can be written by every user"));
    }
  }
}
