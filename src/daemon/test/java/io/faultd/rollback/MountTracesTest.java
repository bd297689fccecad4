package io.faultd.rollback;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.faultd.linux.Fd;
import io.faultd.linux.Mark;
import io.faultd.linux.file.Root;
import io.faultd.linux.ns.Cover;
import io.faultd.linux.proc.Procfs;
import io.faultd.testing.Requires;
import io.faultd.testing.Victim;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

@Requires("root")
class MountTracesTest {
  @Test
  void aMountIsTakenAwayByItsMarkAlone() throws Exception {
    try (Victim seer =
        Victim.started(
            "unshare",
            "--mount",
            "--propagation",
            "private",
            "--fork",
            "sh",
            "-c",
            "mount -t tmpfs faultd-01234567-theirs /mnt; echo ready; read line")) {
      assertEquals("ready", seer.line());
      Path mounts = Path.of("/proc/" + seer.pid() + "/mountinfo");
      String before = Files.readString(mounts);
      try (Root root = Root.of(seer.identity(), Procfs.HOST);
          Fd folder = root.folder("/mnt")) {
        Cover.put(root, folder, new Mark("01234567", "traced", 0));
      }
      assertEquals(List.of(), swept("other", "/mnt").undone());
      assertEquals(List.of(), swept("traced", "/elsewhere").undone());
      assertEquals(
          List.of("mount faultd-01234567-traced-0 over /mnt of process " + seer.pid()),
          swept("traced", "/mnt").undone());
      assertEquals(before, Files.readString(mounts));
      assertEquals(List.of(), swept("traced", "/mnt").undone());
    }
  }

  private static Sweep.Swept swept(String uid, String folder) {
    return Sweep.over(new Sweep.Scope(uid, Set.of(Path.of(folder))));
  }
}
