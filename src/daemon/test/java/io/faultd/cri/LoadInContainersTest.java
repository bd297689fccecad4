package io.faultd.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.Experiment;
import io.faultd.fault.Effect.State;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.linux.cgroup.Group;
import io.faultd.linux.proc.Procfs;
import io.faultd.testing.Container;
import io.faultd.testing.Containerd;
import io.faultd.testing.Eventually;
import io.faultd.testing.Pod;
import io.faultd.testing.Wish;
import io.faultd.testing.WithContainerd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@WithContainerd
class LoadInContainersTest {
  /** Microseconds of 100 ms: a fifth of a processor, which a busy machine has left, too. */
  private static final long QUOTA = 20_000;

  private static Pod pod;
  private static Container one;
  private static Container other;

  @TempDir Path data;

  @BeforeAll
  static void run(Containerd containerd) {
    pod = containerd.pod();
    one = limited("one");
    other = limited("other");
  }

  @AfterAll
  static void end() {
    pod.close();
  }

  private static Container limited(String name) {
    return pod.container(new Wish(name, Map.of(), QUOTA, 0), "/bin/sleep", "1000000");
  }

  private static Group group(Container container) throws IOException {
    String controller = Files.exists(Path.of("/sys/fs/cgroup/cpu")) ? "cpuacct" : "";
    for (String line : Files.readAllLines(Path.of("/proc/" + container.pid() + "/cgroup"))) {
      String[] parts = line.split(":", 3);
      if (java.util.List.of(parts[1].split(",", -1)).contains(controller)) {
        return Group.of(controller, parts[2], Procfs.HOST).orElseThrow();
      }
    }
    throw new IOException("in no group");
  }

  /** Nanoseconds of processor time that a container used. */
  private static long used(Container container) throws IOException {
    Path folder = group(container).folder();
    return Files.exists(folder.resolve("cpuacct.usage"))
        ? Long.parseLong(Files.readString(folder.resolve("cpuacct.usage")).strip())
        : Long.parseLong(
                Files.readAllLines(folder.resolve("cpu.stat")).getFirst().split(" ", -1)[1])
            * 1000;
  }

  private static int worker(Container container) throws IOException {
    for (int pid : container.pids()) {
      if (Procfs.HOST.arguments(pid).contains("io.faultd.worker.WorkerMain")) {
        return pid;
      }
    }
    return 0;
  }

  @Test
  void burnsTheContainersOwnTimeAndNobodyElses(Containerd containerd) throws Exception {
    long before = used(one);
    long bystander = used(other);
    long begin = System.nanoTime();
    try (Rig rig = new Rig(containerd, data)) {
      String uid = rig.succeed(one, "cpu", "fullload", "cpu-percent", "100");
      assertTrue(worker(one) > 0, "the worker is in the container's control group");
      Eventually.eventually("two tenths of a second", () -> used(one) - before > 200_000_000L);
      FaultException e = rig.refused(Reason.CONFLICT, one, "cpu", "fullload", "cpu-percent", "10");
      assertTrue(e.toString().contains(uid), e.getMessage());
      rig.destroy(rig.succeed(other, "cpu", "fullload", "cpu-percent", "1"));
      rig.destroy(uid);
      assertEquals(0, worker(one));
    }
    long took = System.nanoTime() - begin;
    double share = (double) (used(one) - before) / took;
    assertTrue(share < 1.5 * QUOTA / 100_000, "no more than its quota: " + share);
    assertTrue(used(other) - bystander < used(one) - before, "the other one's was short");
  }

  @Test
  void thePercentIsThatOfTheQuota(Containerd containerd) throws Exception {
    try (Rig rig = new Rig(containerd, data)) {
      String uid = rig.succeed(one, "cpu", "fullload", "cpu-percent", "50");
      // the start of its worker takes more of the quota where all is slow
      Eventually.eventually("settled", () -> rig.get(uid).effect().state() == State.SETTLED);
      long before = used(one);
      long begin = System.nanoTime();
      Eventually.eventually("four seconds", () -> System.nanoTime() - begin > 4_000_000_000L);
      double share = (double) (used(one) - before) / (System.nanoTime() - begin);
      assertTrue(share > 0.01 && share < 0.16, "about a tenth of a processor: " + share);
      assertEquals(50, rig.get(uid).effect().asked());
      rig.destroy(uid);
    }
  }

  @Test
  void endsWithItsContainerWhoseGroupCanBeRemoved(Containerd containerd) throws Exception {
    Container dying = limited("dying");
    Path folder = group(dying).folder();
    try (Rig rig = new Rig(containerd, data)) {
      String uid = rig.succeed(dying, "cpu", "fullload", "cpu-percent", "100");
      assertTrue(worker(dying) > 0);
      dying.stop();
      dying.remove();
      Experiment record = rig.failed(uid);
      assertTrue(record.error().startsWith("target-gone"), record.error());
      Eventually.eventually("its group is gone", () -> !Files.exists(folder));
      rig.destroy(uid);
    }
  }
}
