package io.faultd.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.linux.file.Mount;
import io.faultd.testing.Kernel;
import io.faultd.testing.Requires;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders that end with a boot or a pod, whatever disk they are on. */
@Requires("root")
class FleetingTest {
  @TempDir private Path home;

  @Test
  void anEmptyDirOnTheNodesDiskDoesNotStay() throws Exception {
    Path volume =
        Files.createDirectories(home.resolve("pods/6a5e/volumes/kubernetes.io~empty-dir/data"));
    Path point = Files.createDirectories(home.resolve("point"));
    try (Kernel.Mounted mounted = Kernel.over(point, volume)) {
      try (DataFolder folder = new DataFolder(mounted.point().resolve("faultd"))) {
        assertTrue(folder.ephemeral().orElseThrow().contains("emptyDir"));
      }
    }
    try (DataFolder folder = new DataFolder(home.resolve("lasting"))) {
      assertEquals(Optional.empty(), folder.ephemeral());
    }
  }

  @Test
  void theLayerOfARootlessContainerDoesNotStay() {
    String line = "41 40 0:50 / / rw,nodev,noatime - fuse.fuse-overlayfs fuse-overlayfs rw";
    Mount mount = Mount.parse(line).getFirst();
    assertEquals(Optional.of("fuse.fuse-overlayfs"), DataFolder.fleeting(mount));
  }
}
