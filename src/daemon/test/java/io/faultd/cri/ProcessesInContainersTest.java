package io.faultd.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.Experiment;
import io.faultd.experiment.Plan;
import io.faultd.experiment.Status;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.linux.proc.Procfs;
import io.faultd.testing.Container;
import io.faultd.testing.Containerd;
import io.faultd.testing.Eventually;
import io.faultd.testing.Pod;
import io.faultd.testing.Victim;
import io.faultd.testing.WithContainerd;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@WithContainerd
class ProcessesInContainersTest {
  private static final String TAG = Victim.tag();

  private static Pod pod;
  private static Container one;
  private static Container other;

  @TempDir Path data;

  @BeforeAll
  static void run(Containerd containerd) {
    pod = containerd.pod();
    one = family("one");
    other = family("other");
  }

  @AfterAll
  static void end() {
    pod.close();
  }

  /** A container of three: a shell, a sleeper, and one that listens. */
  private static Container family(String name) {
    return pod.container(
        name,
        "/bin/sh",
        "-c",
        "trap '' TERM; sleep "
            + TAG
            + " & nc -l -p 80"
            + name.length()
            + " & while :; do wait; done");
  }

  private static int pid(Container container, String name) throws Exception {
    Eventually.eventually(name + " runs", () -> find(container, name) != 0);
    return find(container, name);
  }

  private static int find(Container container, String name) throws IOException {
    return container.pids().stream()
        .filter(pid -> Procfs.HOST.stat(pid).filter(s -> s.name().equals(name)).isPresent())
        .findFirst()
        .orElse(0);
  }

  private static char state(int pid) {
    return Procfs.HOST.stat(pid).orElseThrow().state();
  }

  @Test
  void stopsAndContinuesOnlyTheContainersProcesses(Containerd containerd) throws Exception {
    int sleeper = pid(one, "sleep");
    int bystander = pid(other, "sleep");
    try (Rig rig = new Rig(containerd, data);
        Victim host = Victim.sleeping(TAG)) {
      String uid = rig.succeed(one, "process", "stop", "process", TAG, "process-cmd", "sleep");
      assertEquals('T', state(sleeper));
      assertEquals('S', state(bystander));
      assertTrue(host.runs());
      rig.destroy(uid);
      Eventually.eventually("it goes on", () -> state(sleeper) == 'S');
    }
  }

  @Test
  void pidsAreThoseThatTheContainerSees(Containerd containerd) throws Exception {
    int sleeper = pid(one, "sleep");
    int number =
        Integer.parseInt(Procfs.HOST.status(sleeper, "NSpid").orElseThrow().split("\\s+", -1)[1]);
    try (Rig rig = new Rig(containerd, data)) {
      Plan plan = rig.plan(one, "process", "stop", "pid", "" + number);
      assertEquals(
          List.of("container", "process"), plan.targets().stream().map(t -> t.kind()).toList());
      assertEquals("" + sleeper, plan.targets().getLast().id());
      String uid = rig.succeed(one, "process", "stop", "pid", "" + number);
      assertEquals('T', state(sleeper));
      rig.destroy(uid);
      FaultException e =
          rig.refused(Reason.TARGET_NOT_FOUND, one, "process", "stop", "pid", "" + sleeper);
      assertTrue(e.toString().contains("no process " + sleeper + " in the container"));
    }
  }

  @Test
  void findsWhoServesAPortOfTheContainer(Containerd containerd) throws Exception {
    int listener = pid(one, "nc");
    pid(other, "nc");
    try (Rig rig = new Rig(containerd, data)) {
      Eventually.eventually(
          "it listens", () -> one.shell("cat /proc/net/tcp /proc/net/tcp6").contains(":0323 "));
      String uid = rig.succeed(one, "process", "stop", "local-port", "803");
      assertEquals('T', state(listener));
      rig.destroy(uid);
      // the port of another container on the same network is not this one's
      rig.refused(Reason.TARGET_NOT_FOUND, one, "process", "stop", "local-port", "805");
    }
  }

  @Test
  void killsInTheContainerAndNowhereElse(Containerd containerd) throws Exception {
    Container victim = family("killed");
    int sleeper = pid(victim, "sleep");
    int bystander = pid(other, "sleep");
    try (Rig rig = new Rig(containerd, data);
        Victim host = Victim.sleeping(TAG)) {
      rig.succeed(victim, "process", "kill", "process-cmd", "sleep", "signal", "KILL");
      Eventually.eventually(
          "killed", () -> Procfs.HOST.stat(sleeper).filter(s -> !s.ended()).isEmpty());
      assertTrue(host.runs());
      assertEquals('S', state(bystander));
    }
  }

  @Test
  void anExperimentEndsWithItsContainer(Containerd containerd) throws Exception {
    Container dying = family("dying");
    pid(dying, "sleep");
    try (Rig rig = new Rig(containerd, data)) {
      String uid = rig.succeed(dying, "process", "stop", "process-cmd", "sleep");
      long begin = System.nanoTime();
      new ProcessBuilder("kill", "-KILL", "" + dying.pid()).start().waitFor();
      Experiment record = rig.failed(uid);
      assertTrue(
          System.nanoTime() - begin < 3_000_000_000L, "within 2 s, and one for this machine");
      assertTrue(record.error().startsWith("target-gone"), record.error());
      rig.destroy(uid);
      rig.refused(Reason.TARGET_NOT_FOUND, dying, "process", "stop", "process-cmd", "sleep");
    }
  }

  @Test
  void theContainerIsFoundAnewWhenAnExperimentIsResumed(Containerd containerd) throws Exception {
    int sleeper = pid(one, "sleep");
    String uid;
    try (Rig first = new Rig(containerd, data, true)) {
      uid = first.succeed(one, "process", "stop", "process-cmd", "sleep");
    }
    Eventually.eventually("it goes on", () -> state(sleeper) == 'S');
    try (Rig second = new Rig(containerd, data, true)) {
      assertEquals(Status.SUCCESS, second.get(uid).status());
      assertEquals('T', state(sleeper));
      second.destroy(uid);
      Eventually.eventually("it goes on", () -> state(sleeper) == 'S');
    }
  }

  @Test
  void anUnknownContainerLeavesARecordInError(Containerd containerd) throws Exception {
    try (Rig rig = new Rig(containerd, data)) {
      var created =
          rig.create(new Container(containerd, "ffffff", "none", 0), "process", "stop", "pid", "1");
      assertEquals(Status.ERROR, created.experiment().status());
      assertEquals(47010, created.failure().code());
      assertEquals("container-id", created.failure().field().orElseThrow());
    }
  }
}
