package io.faultd.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.crash.Cuts;
import io.faultd.crash.CuttingStore;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Plan;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.linux.cgroup.Freezer;
import io.faultd.linux.cgroup.Group;
import io.faultd.linux.proc.Procfs;
import io.faultd.testing.Container;
import io.faultd.testing.Containerd;
import io.faultd.testing.Eventually;
import io.faultd.testing.Pod;
import io.faultd.testing.WithContainerd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@WithContainerd
class ContainerPauseTest {
  /** Instants are before and after it is recorded, then before and after the step is. */
  private static final int ANNOUNCED = 3;

  private static Pod pod;
  private static Container one;
  private static Container other;

  @TempDir Path data;

  @BeforeAll
  static void run(Containerd containerd) {
    pod = containerd.pod();
    one = counting("one");
    other = counting("other");
  }

  @AfterAll
  static void end() {
    pod.close();
  }

  /** One that writes a number into a file again and again. */
  private static Container counting(String name) {
    return pod.container(
        name, "/bin/sh", "-c", "n=0; while :; do n=$((n+1)); echo $n >/data/n; sleep 0.02; done");
  }

  private static String count(Container container) throws IOException {
    return Files.readString(Path.of("/proc/" + container.pid() + "/root/data/n")).strip();
  }

  private static Freezer freezer(Container container) throws IOException {
    return Freezer.of(controller -> path(container, controller), Procfs.HOST).orElseThrow();
  }

  private static java.util.Optional<String> path(Container container, String controller) {
    try {
      return Files.readAllLines(Path.of("/proc/" + container.pid() + "/cgroup")).stream()
          .map(line -> line.split(":", 3))
          .filter(parts -> Arrays.asList(parts[1].split(",", -1)).contains(controller))
          .map(parts -> parts[2])
          .findFirst();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void nothingOfItMovesUntilItIsThawed(Containerd containerd) throws Exception {
    try (Rig rig = new Rig(containerd, data)) {
      Plan plan = rig.plan(one, "container", "freeze");
      assertEquals("container", plan.targets().getFirst().kind());
      assertEquals(1, plan.steps().size());
      assertFalse(freezer(one).told());
      String uid = rig.succeed(one, "container", "pause");
      assertTrue(freezer(one).frozen());
      String still = count(one);
      String before = count(other);
      Eventually.eventually("the other one goes on", () -> !count(other).equals(before));
      assertEquals(still, count(one));
      FaultException e = rig.refused(Reason.CONFLICT, one, "container", "pause");
      assertTrue(e.toString().contains(uid), e.getMessage());
      rig.destroy(uid);
      assertFalse(freezer(one).told());
      Eventually.eventually("goes on", () -> !count(one).equals(still));
    }
  }

  /** Its group is /faultd-containers-PID/containers: its id is found in what is above, too. */
  @Test
  void othersBelowAGroupThatIsCalledAlikeGoOn(Containerd containerd) throws Exception {
    Container called = containerd.plain("containers", "/bin/sleep", "1000000");
    Container beside = containerd.plain("beside", "/bin/sleep", "1000000");
    try (Rig rig = new Rig(containerd, data)) {
      String uid = rig.succeed(called, "container", "pause", "container-namespace", "default");
      assertTrue(freezer(called).frozen());
      assertFalse(freezer(beside).frozen());
      rig.destroy(uid);
      assertFalse(freezer(called).told());
    } finally {
      containerd.endPlain(called.id());
      containerd.endPlain(beside.id());
    }
  }

  @Test
  void whatSomebodyElsePausedStaysSo(Containerd containerd) throws Exception {
    try (Rig rig = new Rig(containerd, data)) {
      freezer(one).tell(true);
      try {
        FaultException e = rig.refused(Reason.CONFLICT, one, "container", "pause");
        assertTrue(e.toString().contains("is paused already"), e.getMessage());
        assertTrue(freezer(one).told());
      } finally {
        freezer(one).tell(false);
      }
      String uid = rig.succeed(one, "container", "pause");
      freezer(one).tell(false);
      Experiment record = rig.failed(uid);
      assertTrue(record.error().contains("gone"), record.error());
      rig.destroy(uid);
    }
  }

  @Test
  void isThawedWhenTheDaemonEndsAndPausedAnewWhenItResumes(Containerd containerd) throws Exception {
    String uid;
    try (Rig first = new Rig(containerd, data, true)) {
      uid = first.succeed(one, "container", "pause");
    }
    assertFalse(freezer(one).told());
    try (Rig second = new Rig(containerd, data, true)) {
      assertTrue(freezer(one).frozen());
      second.destroy(uid);
    }
    assertFalse(freezer(one).told());
  }

  @Test
  void aPausedContainerCanBeRemoved(Containerd containerd) throws Exception {
    Container dying = counting("dying");
    Path folder =
        Group.of("freezer", path(dying, "freezer").orElse("/none"), Procfs.HOST)
            .map(Group::folder)
            .orElse(Path.of("/none"));
    try (Rig rig = new Rig(containerd, data)) {
      String uid = rig.succeed(dying, "container", "pause");
      dying.stop();
      dying.remove();
      Experiment record = rig.failed(uid);
      assertTrue(record.error().startsWith("target-gone"), record.error());
      rig.destroy(uid);
      assertFalse(Files.exists(folder));
    }
  }

  @Test
  void oneThatEndsBeforeItIsFrozenIsGone(Containerd containerd) throws Exception {
    Container dying = counting("ending");
    Path folder = freezer(dying).folder();
    try (Rig rig = new Rig(containerd, data, false, CuttingStore::new)) {
      Cuts.arm(ANNOUNCED, () -> end(dying, folder));
      FaultException e;
      List<String> seen;
      try {
        e = rig.refused(Reason.TARGET_NOT_FOUND, dying, "container", "pause");
      } finally {
        seen = Cuts.disarm();
      }
      assertEquals("after announce", seen.get(ANNOUNCED));
      String error = String.valueOf(e.getMessage());
      assertTrue(error.startsWith("target-gone: container " + dying.id()), error);
      assertEquals(List.of(), rig.unfinished());
    }
  }

  private static void end(Container dying, Path folder) {
    dying.kill();
    try {
      Eventually.eventually("its control group is gone", () -> !Files.exists(folder));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
