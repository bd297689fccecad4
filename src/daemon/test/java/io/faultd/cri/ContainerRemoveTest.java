package io.faultd.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.Plan;
import io.faultd.experiment.Status;
import io.faultd.fault.Reason;
import io.faultd.fault.Target;
import io.faultd.linux.proc.Procfs;
import io.faultd.testing.Container;
import io.faultd.testing.Containerd;
import io.faultd.testing.Pod;
import io.faultd.testing.WithContainerd;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@WithContainerd
class ContainerRemoveTest {
  @TempDir Path data;

  private static boolean runs(Container container) {
    return Procfs.HOST.stat(container.pid()).filter(stat -> !stat.ended()).isPresent();
  }

  private static List<String> running(Containerd containerd) throws IOException {
    return new ContainerFinder(List.of(containerd.socket()))
        .running().containers().stream().map(Listed::id).toList();
  }

  @Test
  void endsOneAndTheRuntimeKnowsItNoMore(Containerd containerd) throws Exception {
    try (Pod pod = containerd.pod();
        Rig rig = new Rig(containerd, data)) {
      Container one = pod.container("one", "/bin/sleep", "1000000");
      Container other = pod.container("other", "/bin/sleep", "1000000");
      Plan plan = rig.plan(one, "container", "rm");
      assertEquals("none", plan.undo());
      assertTrue(runs(one));
      String uid = rig.succeed(one, "container", "remove", "force", "");
      assertFalse(runs(one));
      assertTrue(runs(other));
      assertFalse(running(containerd).contains(one.id()));
      assertTrue(running(containerd).contains(other.id()));
      assertEquals(Status.SUCCESS, rig.get(uid).status());
      rig.destroy(uid);
      rig.refused(Reason.TARGET_NOT_FOUND, one, "container", "remove");
      rig.refused(Reason.ILLEGAL_PARAMETER, other, "container", "remove", "forse", "");
    }
  }

  @Test
  void endsOneThroughContainerdsOwnInterface(Containerd containerd) throws Exception {
    Container plain = containerd.plain("plain-removed", "/bin/sleep", "1000000");
    try (Rig rig = new Rig(containerd, data)) {
      rig.refused(Reason.TARGET_NOT_FOUND, plain, "container", "remove");
      rig.succeed(plain, "container", "remove", "container-namespace", "default");
      assertFalse(runs(plain));
      rig.refused(
          Reason.TARGET_NOT_FOUND, plain, "container", "remove", "container-namespace", "default");
    } finally {
      containerd.endPlain(plain.id());
    }
  }

  @Test
  void whatSomebodyElseRemovedMeanwhileIsRemoved(Containerd containerd) throws Exception {
    try (Pod pod = containerd.pod()) {
      Container one = pod.container("one", "/bin/sleep", "1000000");
      Selector wanted = new Selector(one.id(), null, List.of(), null, null, null, null, null);
      ContainerFinder finder = new ContainerFinder(List.of(containerd.socket()));
      try (Target.Container found = finder.find(wanted)) {
        one.stop();
        one.remove();
        found.removal().remove();
        assertTrue(found.gone().isPresent());
      }
    }
  }

  @Test
  void whatItsRuntimeHasNotSeenEndIsRemoved(Containerd containerd) throws Exception {
    ContainerFinder finder = new ContainerFinder(List.of(containerd.socket()));
    try (Pod pod = containerd.pod()) {
      for (int i = 0; i < 20; i++) {
        Container one = pod.container("one-" + i, "/bin/sleep", "1000000");
        Selector wanted = new Selector(one.id(), null, List.of(), null, null, null, null, null);
        try (Target.Container found = finder.find(wanted)) {
          one.kill();
          while (runs(one)) {
            Thread.onSpinWait();
          }
          found.removal().remove();
        }
        assertFalse(running(containerd).contains(one.id()));
      }
    }
  }
}
