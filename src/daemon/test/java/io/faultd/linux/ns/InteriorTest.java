package io.faultd.linux.ns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.file.Entries;
import io.faultd.linux.file.Root;
import io.faultd.linux.file.Stat;
import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.linux.proc.Procfs;
import io.faultd.testing.Eventually;
import io.faultd.testing.Requires;
import io.faultd.testing.Victim;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Requires("root")
class InteriorTest {
  @TempDir Path top;

  /** A process whose root is {@link #top}, first of a pid namespace, with a network of its own. */
  private Victim contained() throws Exception {
    Files.createDirectories(top.resolve("bin"));
    Files.copy(Path.of("/bin/busybox"), top.resolve("bin/sleep"));
    top.resolve("bin/sleep").toFile().setExecutable(true);
    Victim unshare =
        Victim.started(
            "unshare",
            "--pid",
            "--net",
            "--fork",
            "--kill-child",
            "--root=" + top,
            "/bin/sleep",
            Victim.tag());
    Eventually.eventually("the inner process runs", () -> inner(unshare) != 0);
    return unshare;
  }

  private static int inner(Victim unshare) throws IOException {
    for (int pid : Procfs.HOST.pids()) {
      if (Procfs.HOST
          .stat(pid)
          .filter(s -> s.parent() == unshare.pid() && s.name().equals("sleep"))
          .isPresent()) {
        return pid;
      }
    }
    return 0;
  }

  @Test
  void hasTheRootNetworkAndNumbersOfItsProcess() throws Exception {
    try (Victim unshare = contained();
        Interior inside = interior(inner(unshare))) {
      int pid = inner(unshare);
      assertEquals(1, inside.number(pid).getAsInt());
      assertTrue(inside.number((int) ProcessHandle.current().pid()).isEmpty());
      assertEquals(
          Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/net")),
          Files.readSymbolicLink(Path.of(inside.network())));
      try (Fd sleep = inside.files().path("/bin/sleep")) {
        assertEquals(
            Files.getAttribute(top.resolve("bin/sleep"), "unix:ino"),
            Stat.of(sleep, "sleep").inode());
      }
      assertFalse(inside.ended());
    }
  }

  @Test
  void noLinkAndNoParentLeadsOutOfTheRoot() throws Exception {
    Files.writeString(top.resolve("own"), "");
    Files.createSymbolicLink(top.resolve("absolute"), Path.of("/own"));
    Files.createSymbolicLink(top.resolve("up"), Path.of("../../../../../../../../own"));
    Files.createSymbolicLink(top.resolve("hosts"), Path.of("/etc/passwd"));
    try (Victim unshare = contained();
        Interior inside = interior(inner(unshare))) {
      Root files = inside.files();
      for (String path : new String[] {"/absolute", "/up", "/../../own", "/bin/../../own"}) {
        try (Fd fd = files.followed(path)) {
          assertEquals(
              Files.getAttribute(top.resolve("own"), "unix:ino"), Stat.of(fd, path).inode(), path);
        }
      }
      assertEquals(Errno.ENOENT, refused(() -> files.followed("/hosts")).errno());
      assertEquals(Errno.ENOENT, refused(() -> files.folder("/etc")).errno());
      try (Fd link = files.path("/hosts");
          Fd folder = files.folder("/")) {
        assertTrue(Stat.of(link, "/hosts").isLink());
        assertEquals("/etc/passwd", Entries.readLink(folder, "hosts", "/hosts"));
      }
    }
  }

  @Test
  void aProcessThatIsGoneHasNone() throws Exception {
    ProcessIdentity gone;
    try (Victim victim = Victim.sleeping(Victim.tag())) {
      gone = victim.identity();
      try (Interior inside = Interior.of(gone, Procfs.HOST)) {
        victim.signal("KILL");
        victim.ended();
        assertTrue(inside.ended());
        assertThrows(IOException.class, inside.files()::mounts);
      }
    }
    assertTrue(refused(() -> Interior.of(gone, Procfs.HOST)).is(Errno.ESRCH, Errno.ENOENT));
    try (Victim other = Victim.sleeping(Victim.tag())) {
      ProcessIdentity recycled =
          new ProcessIdentity(other.pid(), gone.startTicks() - 1, gone.bootId());
      assertEquals(Errno.ESRCH, refused(() -> Interior.of(recycled, Procfs.HOST)).errno());
    }
  }

  private static Interior interior(int pid) throws IOException {
    return Interior.of(Procfs.HOST.identity(pid).orElseThrow(), Procfs.HOST);
  }

  private static LinuxException refused(org.junit.jupiter.api.function.Executable attempt) {
    return assertThrows(LinuxException.class, attempt);
  }
}
