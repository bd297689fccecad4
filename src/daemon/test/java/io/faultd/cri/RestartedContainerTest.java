package io.faultd.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.Experiment;
import io.faultd.experiment.Status;
import io.faultd.testing.Container;
import io.faultd.testing.Containerd;
import io.faultd.testing.Eventually;
import io.faultd.testing.Fingerprint;
import io.faultd.testing.WithContainerd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What has ended may be started again with the files that it had, as Docker and others do. */
@WithContainerd
class RestartedContainerTest {
  private static final String ID = "restarted";
  private static final String FOLDER = "/etc";

  @TempDir Path data;

  private Containerd containerd;
  private Container container;

  @BeforeEach
  void run(Containerd shared) throws Exception {
    containerd = shared;
    container =
        shared.plain(
            ID,
            "/bin/sh",
            "-c",
            "[ -d /etc/own ] || { mkdir -p /etc/own /etc/to; echo log >/etc/own/log;"
                + " echo kept >/etc/own/kept; echo moved >/etc/own/moved;"
                + " mkfifo /etc/own/queue; }; touch /ready; exec sleep 1000000");
    Eventually.eventually("it is ready", () -> Files.exists(container.file("/ready")));
  }

  @AfterEach
  void end() throws Exception {
    containerd.endPlain(ID);
  }

  private static SortedMap<String, String> files(Container seen) throws Exception {
    return Fingerprint.of(seen.file(FOLDER));
  }

  private List<String> changed(Rig rig) {
    List<String> uids = new ArrayList<>();
    String[][] orders = {
      {"chmod", "filepath", "/etc/app.conf", "mark", "000"},
      {"chmod", "filepath", "/etc/own/queue", "mark", "000"},
      {"append", "filepath", "/etc/own/log", "content", "ours"},
      {"delete", "filepath", "/etc/own/kept"},
      {"move", "filepath", "/etc/own/moved", "target", "/etc/to"},
      {"add", "filepath", "/etc/new/deep", "content", "ours", "auto-create-dir", "true"}
    };
    for (String[] order : orders) {
      List<String> flags = new ArrayList<>(List.of(order).subList(1, order.length));
      flags.addAll(List.of("container-namespace", "default"));
      uids.add(rig.succeed(container, "file", order[0], flags.toArray(String[]::new)));
    }
    return uids;
  }

  private static void waits(Rig rig, List<String> uids) throws Exception {
    for (String uid : uids) {
      Eventually.eventually(uid + " waits", () -> !rig.get(uid).residue().isEmpty());
      Experiment record = rig.get(uid);
      assertTrue(record.error().startsWith("target-gone"), record.error());
      String why = record.residue().getFirst().error();
      assertTrue(why.contains("is put back when it is started again"), why);
    }
  }

  private static void isOver(Rig rig, List<String> uids) throws Exception {
    for (String uid : uids) {
      Eventually.eventually(
          uid + " is over",
          () -> rig.engine.destroy(uid, false).experiment().status() == Status.DESTROYED);
    }
  }

  @Test
  void hasItsFilesBackWhenItRunsAgain() throws Exception {
    SortedMap<String, String> before = files(container);
    try (Rig rig = new Rig(containerd, data)) {
      List<String> uids = changed(rig);
      assertNotEquals(before, files(container));
      container.kill();
      waits(rig, uids);
      container = containerd.restart(container);
      isOver(rig, uids);
      for (String uid : uids) {
        assertEquals(List.of(), rig.get(uid).warnings());
      }
      assertEquals(before, files(container));
    }
  }

  @Test
  void takesWhatWasDoneWithItWhenItsLayerIsRemoved() throws Exception {
    try (Rig rig = new Rig(containerd, data)) {
      List<String> uids = changed(rig);
      container.kill();
      waits(rig, uids);
      containerd.endPlain(ID);
      containerd.collect();
      isOver(rig, uids);
    }
  }
}
