package io.faultd.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.Created;
import io.faultd.experiment.Status;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.testing.Container;
import io.faultd.testing.Containerd;
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

/** A container that does what it can so that an order on it reaches the node. */
@WithContainerd
class HostileContainerTest {
  /** Of the node; at the same path there is nothing in the container, until it puts something. */
  @TempDir static Path node;

  private static Pod pod;
  private static Container hostile;

  @TempDir Path data;

  @BeforeAll
  static void run(Containerd containerd) throws Exception {
    Files.createDirectories(node.resolve("folder"));
    Path file = Files.writeString(node.resolve("folder/file"), "of the node\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    pod = containerd.pod();
    hostile = pod.container("hostile", "/bin/sleep", "1000000");
  }

  @AfterAll
  static void end() {
    pod.close();
  }

  /** Only a link itself, which is the last part of a path, is there: it can be deleted. */
  private void order(Rig rig, String path, Reason reason) throws Exception {
    SortedMap<String, String> before = Fingerprint.untouched(node);
    for (String[] action :
        new String[][] {
          {"chmod", "mark", "000"}, {"append", "content", "x"}, {"delete", "force", "false"}
        }) {
      Created created =
          rig.create(hostile, "file", action[0], "filepath", path, action[1], action[2]);
      assertEquals(before, Fingerprint.untouched(node), path); // not only when it is undone
      FaultException failure = created.failure();
      if (failure == null) {
        assertTrue(action[0].equals("delete") && !path.endsWith("/file"), action[0] + " " + path);
        rig.destroy(created.experiment().uid());
      } else {
        assertEquals(reason, failure.reason(), path);
        assertEquals(Status.ERROR, created.experiment().status());
        assertEquals(0, created.experiment().residue().size());
      }
    }
  }

  @Test
  void linksLeadNowhereOutside(Containerd containerd) throws Exception {
    SortedMap<String, String> before = Fingerprint.untouched(node);
    hostile.shell(
        "cd /data; ln -s "
            + node
            + "/folder/file absolute; ln -s ../../../../../../../.."
            + node
            + "/folder/file relative; ln -s "
            + node
            + "/folder way; ln -s /proc/1/root"
            + node
            + "/folder/file magic; ln -s loop loop");
    try (Rig rig = new Rig(containerd, data)) {
      order(rig, "/data/absolute", Reason.TARGET_NOT_FOUND);
      order(rig, "/data/relative", Reason.TARGET_NOT_FOUND);
      order(rig, "/data/way/file", Reason.TARGET_NOT_FOUND);
      order(rig, "/../../../.." + node + "/folder/file", Reason.TARGET_NOT_FOUND);
      order(rig, "/data/loop", Reason.ILLEGAL_PARAMETER);
      // what the kernel alone can follow is followed by nobody
      order(rig, "/data/magic", Reason.ILLEGAL_PARAMETER);
      order(rig, "/proc/1/root" + node + "/folder/file", Reason.ILLEGAL_PARAMETER);
      order(rig, "/proc/1/cwd/../../.." + node + "/folder/file", Reason.ILLEGAL_PARAMETER);
      FaultException e =
          rig.refused(
              Reason.TARGET_NOT_FOUND,
              hostile,
              "file",
              "chmod",
              "filepath",
              "/data/way/file",
              "mark",
              "000");
      assertEquals("filepath", e.field().orElseThrow());
      rig.destroy(
          rig.succeed(
              hostile, "file", "add", "filepath", node + "/folder/new", "auto-create-dir", "true"));
    }
    assertEquals(before, Fingerprint.untouched(node));
  }

  @Test
  void aFolderThatIsSwappedForALinkAgainAndAgainLeadsNowhereOutside(Containerd containerd)
      throws Exception {
    SortedMap<String, String> before = Fingerprint.untouched(node);
    Container swapping =
        pod.container(
            "swapping",
            "/bin/sh",
            "-c",
            "cd /data; mkdir real; echo container >real/file; ln -s "
                + node
                + "/folder link; while :; do mv real swap; mv link real; sleep 0.01;"
                + " mv real link; mv swap real; sleep 0.01; done");
    try (Rig rig = new Rig(containerd, data)) {
      int done = 0;
      long end = System.nanoTime() + 20_000_000_000L;
      for (int i = 0; (i < 40 || done < 3) && System.nanoTime() < end; i++) {
        String mark = "%03o".formatted(i % 512); // another each time, as one may stay
        Created created =
            rig.create(swapping, "file", "chmod", "filepath", "/data/real/file", "mark", mark);
        assertEquals(before, Fingerprint.untouched(node));
        done += created.failure() == null ? 1 : 0;
        rig.engine.destroy(created.experiment().uid(), true); // it may have lost its file half way
      }
      assertTrue(done > 0, "some orders find the container's own file");
    }
    assertEquals(before, Fingerprint.untouched(node));
  }

  @Test
  void whatWasChangedAndThenSwappedForALinkIsNotPutBackOutside(Containerd containerd)
      throws Exception {
    SortedMap<String, String> before = Fingerprint.untouched(node);
    hostile.shell("mkdir -p /data/d" + node + "/folder; echo c >/data/d/file");
    try (Rig rig = new Rig(containerd, data)) {
      String mode =
          rig.succeed(hostile, "file", "chmod", "filepath", "/data/d/file", "mark", "000");
      String gone = rig.succeed(hostile, "file", "delete", "filepath", "/etc/app.conf");
      assertEquals(before, Fingerprint.untouched(node));
      hostile.shell(
          "mv /data/d /data/e; ln -s "
              + node
              + "/folder /data/d; mv /etc /data/etc; ln -s "
              + node
              + " /etc");
      for (String uid : new String[] {mode, gone}) {
        rig.engine.destroy(uid, true);
        assertEquals(Status.DESTROYED, rig.get(uid).status());
      }
      hostile.shell("rm /etc; mv /data/etc /etc");
    }
    assertEquals(before, Fingerprint.untouched(node));
  }

  @Test
  void whatIsMountedOverAChangedFolderMeanwhileIsNotTouched(Containerd containerd)
      throws Exception {
    Container covering =
        pod.container(
            new Wish("covering", Map.of("/volume", node.resolve("folder")), 0, 0),
            "/bin/sleep",
            "1000000");
    covering.shell("mkdir -p /data/d; echo c >/data/d/file");
    try (Rig rig = new Rig(containerd, data)) {
      String uid =
          rig.succeed(covering, "file", "chmod", "filepath", "/data/d/file", "mark", "000");
      String mounts = "--mount=/proc/" + covering.pid() + "/ns/mnt";
      Process mount =
          new ProcessBuilder(
                  "nsenter", mounts, "/bin/busybox", "mount", "--bind", "/volume", "/data/d")
              .inheritIO()
              .start();
      assertEquals(0, mount.waitFor());
      assertEquals("of the node", covering.shell("cat /data/d/file").strip());
      SortedMap<String, String> before = Fingerprint.untouched(node);
      rig.engine.destroy(uid, true);
      assertEquals(Status.DESTROYED, rig.get(uid).status());
      assertEquals(before, Fingerprint.untouched(node));
    }
  }

  @Test
  void aVolumeThatHoldsFaultdsOwnDataIsProtected(Containerd containerd) throws Exception {
    Container mounting =
        pod.container(
            new Wish("mounting", Map.of("/mnt", data.getParent()), 0, 0), "/bin/sleep", "1000000");
    try (Rig rig = new Rig(containerd, data)) {
      String inside = "/mnt/" + data.getFileName();
      rig.refused(Reason.FORBIDDEN, mounting, "file", "delete", "filepath", inside + "/faultd.db");
      rig.refused(Reason.FORBIDDEN, mounting, "file", "chmod", "filepath", inside, "mark", "000");
      rig.refused(Reason.FORBIDDEN, mounting, "file", "add", "filepath", inside + "/x");
    }
  }
}
