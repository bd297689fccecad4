package io.faultd.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.linux.Mark;
import io.faultd.linux.cgroup.Freezer;
import io.faultd.linux.proc.Procfs;
import io.faultd.rollback.Sweep;
import io.faultd.testing.Container;
import io.faultd.testing.Containerd;
import io.faultd.testing.Pod;
import io.faultd.testing.WithContainerd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a daemon left in containers is found there when its records are lost. */
@WithContainerd
class SweepInContainersTest {
  private static Pod pod;
  private static Container one;
  private static Container other;

  @TempDir Path data;

  @BeforeAll
  static void run(Containerd containerd) {
    pod = containerd.pod();
    one = pod.container("one", "/bin/sleep", "1000000");
    other = pod.container("other", "/bin/sleep", "1000000");
  }

  @AfterAll
  static void end() {
    pod.close();
  }

  private static Sweep.Swept swept(String uid, String folder) {
    return Sweep.over(new Sweep.Scope(uid, Set.of(Path.of(folder))));
  }

  @Test
  void whatIsHiddenInTheWritableLayerComesBack(Containerd containerd) throws Exception {
    String before = one.shell("stat -c '%F %a %u %g %h %s %Y' /etc/app.conf; cat /etc/app.conf");
    // the daemon lives on, for a dead one leaves no more; it finds that all is as it was
    try (Rig rig = new Rig(containerd, data)) {
      String uid = rig.succeed(one, "file", "delete", "filepath", "/etc/app.conf");
      assertTrue(one.shell("ls -a /etc").contains(".faultd-"));
      one.shell(
          "touch /etc/.faultd-01234567-somebodys-1; mkdir /etc/.faultd-01234567-" + uid + "-9");
      one.shell("touch /etc/.faultd-01234567-" + uid + "-9/mine");
      other.shell("touch /etc/.faultd-01234567-" + uid + "-1");
      Sweep.Swept swept = swept(uid, "/etc");
      assertEquals(1, swept.undone().size(), swept + "");
      assertTrue(swept.undone().getFirst().endsWith("/etc/app.conf"), swept + "");
      assertEquals(
          before, one.shell("stat -c '%F %a %u %g %h %s %Y' /etc/app.conf; cat /etc/app.conf"));
      // what has the form of a mark, and does not tell what it was, is left to people
      assertEquals(2, swept.unsure().size(), swept + "");
      assertTrue(one.shell("ls -a /etc").contains("somebodys"));
      assertTrue(other.shell("ls -a /etc").contains(uid));
      one.shell("rm -r /etc/.faultd-*");
      other.shell("rm -r /etc/.faultd-*");
      assertEquals(List.of(), swept(uid, "/etc").unsure());
    }
  }

  @Test
  void linksInAContainerLeadTheSweepNowhereOutside(Containerd containerd) throws Exception {
    Path folder = Files.createDirectory(data.resolve("outside"));
    String mark = new Mark("01234567", "outside", 1).toString();
    Files.createDirectory(folder.resolve(mark));
    one.shell("ln -s " + folder + " /data/way");
    Sweep.Swept swept = swept("outside", "/data/way");
    assertEquals(List.of(), swept.undone());
    assertTrue(Files.exists(folder.resolve(mark)));
    one.shell("rm /data/way");
  }

  @Test
  void whatAttachingLeavesIsTakenAwayAndWhatOnlyLooksLikeItIsNot() throws Exception {
    String ours = "/data/" + new Mark("01234567", "jvm00000001", 0);
    String foreign = "/data/" + new Mark("01234567", "jvm00000001", 1);
    one.shell("mkdir " + ours + " " + foreign + "; touch " + ours + "/agent.jar");
    one.shell("/bin/busybox mkfifo " + ours + "/requests " + ours + "/replies");
    one.shell("touch " + foreign + "/agent.jar " + foreign + "/mine");
    Sweep.Swept swept = swept("jvm00000001", "/data");
    assertEquals(List.of("/proc/" + one.pid() + "/root" + ours), swept.undone());
    assertEquals(List.of("/proc/" + one.pid() + "/root" + foreign), swept.unsure());
    assertEquals("agent.jar\nmine", one.shell("ls " + foreign).strip());
    one.shell("rm -r " + foreign);
  }

  @Test
  void whatIsFrozenIsTold(Containerd containerd) throws Exception {
    try (Rig rig = new Rig(containerd, data)) {
      String uid = rig.succeed(one, "container", "pause");
      assertEquals(List.of(true, false), List.of(frozen(one), frozen(other)));
      rig.destroy(uid);
      assertFalse(frozen(one));
    }
  }

  private static boolean frozen(Container container) throws Exception {
    return Freezer.frozen(Procfs.HOST).stream()
        .anyMatch(each -> each.folder().toString().contains(container.id()));
  }
}
