package io.faultd.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.Experiment;
import io.faultd.experiment.Plan;
import io.faultd.experiment.Status;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.testing.Container;
import io.faultd.testing.Containerd;
import io.faultd.testing.Eventually;
import io.faultd.testing.Fingerprint;
import io.faultd.testing.Pod;
import io.faultd.testing.Wish;
import io.faultd.testing.WithContainerd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@WithContainerd
class FilesInContainersTest {
  @TempDir static Path volume;

  private static Pod pod;
  private static Container one;
  private static Container other;

  @TempDir Path data;

  @BeforeAll
  static void run(Containerd containerd) {
    pod = containerd.pod();
    one = container("one");
    other = container("other");
  }

  @AfterAll
  static void end() {
    pod.close();
  }

  private static Container container(String name) {
    return pod.container(new Wish(name, Map.of("/volume", volume), 0, 0), "/bin/sleep", "1000000");
  }

  private static String shell(String line) {
    return one.shell(line).strip();
  }

  /** All that is seen of a file of the image: type, mode, owner, size, times and what is in it. */
  private static String seen(Container container, String path) {
    return container.shell("stat -c '%F %a %u %g %h %s %Y %i' " + path + "; cat " + path);
  }

  @Test
  void chmodOfAFileOfTheImageComesBack(Containerd containerd) throws Exception {
    String host =
        PosixFilePermissions.toString(Files.getPosixFilePermissions(Path.of("/etc/hosts")));
    String before = seen(one, "/etc/app.conf");
    try (Rig rig = new Rig(containerd, data)) {
      String uid = rig.succeed(one, "file", "chmod", "filepath", "/etc/app.conf", "mark", "000");
      assertEquals("0", shell("stat -c %a /etc/app.conf"));
      assertEquals("644", other.shell("stat -c %a /etc/app.conf").strip());
      rig.destroy(uid);
      assertEquals(before, seen(one, "/etc/app.conf"));
    }
    assertEquals(
        host, PosixFilePermissions.toString(Files.getPosixFilePermissions(Path.of("/etc/hosts"))));
  }

  @Test
  void whatIsAppendedToAFileOfTheImageIsTakenOut(Containerd containerd) throws Exception {
    shell("echo first >/data/log");
    String before = seen(one, "/data/log");
    try (Rig rig = new Rig(containerd, data)) {
      String uid = rig.succeed(one, "file", "append", "filepath", "/data/log", "content", "ours");
      assertEquals("first\nours", shell("cat /data/log"));
      rig.destroy(uid);
      assertEquals(before, seen(one, "/data/log"));
    }
  }

  @Test
  void whatIsDeletedComesBackUnderItsName(Containerd containerd) throws Exception {
    String before = seen(one, "/etc/app.conf");
    try (Rig rig = new Rig(containerd, data)) {
      String uid = rig.succeed(one, "file", "delete", "filepath", "/etc/app.conf");
      assertTrue(shell("cat /etc/app.conf").contains("No such file"), "gone");
      assertEquals("container", other.shell("cat /etc/app.conf").strip());
      rig.destroy(uid);
      assertEquals(before, seen(one, "/etc/app.conf"));
      assertFalse(shell("ls -a /etc").contains(".faultd"));
    }
  }

  @Test
  void whatIsMadeGoesAgain(Containerd containerd) throws Exception {
    Path host = Path.of("/data-of-faultd-test");
    try (Rig rig = new Rig(containerd, data)) {
      String uid =
          rig.succeed(
              one,
              "file",
              "add",
              "filepath",
              host + "/a/b",
              "content",
              "ours",
              "auto-create-dir",
              "true");
      assertEquals("ours", shell("cat " + host + "/a/b"));
      assertFalse(Files.exists(host));
      assertTrue(other.shell("ls " + host).contains("No such file"));
      rig.destroy(uid);
      assertTrue(shell("ls " + host).contains("No such file"));
    }
  }

  @Test
  void whatIsMovedComesBack(Containerd containerd) throws Exception {
    shell("mkdir -p /data/to; echo moved >/data/from");
    String before = seen(one, "/data/from");
    try (Rig rig = new Rig(containerd, data)) {
      String uid = rig.succeed(one, "file", "move", "filepath", "/data/from", "target", "/data/to");
      assertEquals("moved", shell("cat /data/to/from"));
      rig.destroy(uid);
      assertEquals(before, seen(one, "/data/from"));
      assertEquals("", shell("ls -a /data/to | grep -v '^[.]*$'"));
    }
  }

  @Test
  void aFileOfAVolumeMeetsTheSameFileOfTheNode(Containerd containerd) throws Exception {
    Files.writeString(volume.resolve("shared"), "x");
    SortedMap<String, String> before = Fingerprint.of(volume);
    try (Rig rig = new Rig(containerd, data)) {
      String uid = rig.succeed(one, "file", "chmod", "filepath", "/volume/shared", "mark", "000");
      FaultException e =
          rig.refused(
              Reason.CONFLICT, other, "file", "chmod", "filepath", "/volume/shared", "mark", "700");
      assertTrue(e.toString().contains(uid), e.getMessage());
      Plan plan = rig.plan(other, "file", "append", "filepath", "/volume/shared", "content", "x");
      assertEquals("file", plan.targets().getLast().kind());
      rig.destroy(uid);
    }
    assertEquals(before, Fingerprint.of(volume));
  }

  @Test
  void aFileOfAVolumeIsPutBackWhenItsContainerIsGone(Containerd containerd) throws Exception {
    Files.writeString(volume.resolve("kept"), "kept");
    Files.writeString(volume.resolve("mode"), "mode");
    Files.writeString(volume.resolve("log"), "line\n");
    SortedMap<String, String> before = Fingerprint.of(volume);
    Container dying = container("dying");
    try (Rig rig = new Rig(containerd, data)) {
      String own = rig.succeed(dying, "file", "chmod", "filepath", "/etc/app.conf", "mark", "000");
      String kept = rig.succeed(dying, "file", "delete", "filepath", "/volume/kept");
      String mode = rig.succeed(dying, "file", "chmod", "filepath", "/volume/mode", "mark", "000");
      String log =
          rig.succeed(dying, "file", "append", "filepath", "/volume/log", "content", "ours");
      String made = rig.succeed(dying, "file", "add", "filepath", "/volume/made");
      dying.stop();
      dying.remove();
      long begin = System.nanoTime();
      for (String uid : new String[] {own, kept, mode, log, made}) {
        Experiment record = rig.failed(uid);
        assertTrue(record.error().startsWith("target-gone"), record.error());
        assertEquals(0, record.residue().size(), record.residue() + "");
        assertEquals(Status.DESTROYED, rig.destroy(uid).status());
      }
      assertTrue(System.nanoTime() - begin < 5_000_000_000L);
      Eventually.eventually("as before", () -> before.equals(Fingerprint.of(volume)));
    }
  }

  @Test
  void refusesWhatIsTheKernelsAndWhatIsNotThere(Containerd containerd) throws Exception {
    try (Rig rig = new Rig(containerd, data)) {
      rig.refused(
          Reason.FORBIDDEN, one, "file", "chmod", "filepath", "/proc/uptime", "mark", "000");
      rig.refused(
          Reason.UNSUPPORTED, one, "file", "chmod", "filepath", "/sys/kernel", "mark", "000");
      FaultException e =
          rig.refused(Reason.TARGET_NOT_FOUND, one, "file", "delete", "filepath", "/etc/passwd");
      assertEquals(63041, e.code());
      rig.refused(Reason.FORBIDDEN, one, "file", "delete", "filepath", "/");
    }
  }
}
