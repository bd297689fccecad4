package io.faultd.rollback;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.faultd.fault.Undo;
import io.faultd.linux.Fd;
import io.faultd.linux.file.FileIdentity;
import io.faultd.linux.file.Identities;
import io.faultd.linux.file.Root;
import io.faultd.linux.proc.Procfs;
import io.faultd.testing.Requires;
import io.faultd.testing.Victim;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process was seen to have outlives it where we see it, too. */
@Requires("root")
class ViewedFileTest {
  @TempDir Path folder;
  @TempDir Path scratch;

  @Test
  void aQueueInAVolumeHasItsModeBackWhenItsContainerHasEnded() throws Exception {
    Path queue = folder.resolve("queue");
    assertEquals(0, new ProcessBuilder("mkfifo", "-m", "640", queue.toString()).start().waitFor());
    FileIdentity file;
    try (Victim viewer = Victim.sleeping(Victim.tag());
        Root root = Root.of(viewer.identity(), Procfs.HOST);
        Fd handle = root.path(queue.toString())) {
      file = Identities.of(root, handle, queue.toString());
    }
    Files.setPosixFilePermissions(queue, PosixFilePermissions.fromString("rw-------"));
    Rollback rollback = new Rollback(scratch);
    Undo step = new Undo.FileMode(file, 0640, 0600);
    assertEquals(new Outcome.Undone(), rollback.undo(step, Company.NONE, false));
    assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(queue)));
  }
}
