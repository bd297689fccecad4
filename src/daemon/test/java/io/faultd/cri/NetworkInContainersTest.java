package io.faultd.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.Experiment;
import io.faultd.testing.Container;
import io.faultd.testing.Containerd;
import io.faultd.testing.Eventually;
import io.faultd.testing.Pod;
import io.faultd.testing.Requires;
import io.faultd.testing.WithContainerd;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@WithContainerd
class NetworkInContainersTest {
  /** The other end of each pod's cable. */
  private static final String GATEWAY = "10.88.77.1";

  private static final Pattern TIME = Pattern.compile("time=([0-9.]+) ms");

  private static Pod pod;
  private static Pod otherPod;
  private static Container one;
  private static Container other;

  @TempDir Path data;

  @BeforeAll
  static void run(Containerd containerd) {
    pod = containerd.pod("net-1", false);
    otherPod = containerd.pod("net-2", false);
    one = pod.container("one", "/bin/sleep", "1000000");
    other = otherPod.container("other", "/bin/sleep", "1000000");
  }

  @AfterAll
  static void end() {
    pod.close();
    otherPod.close();
  }

  private static String ping(Container container) {
    return container.exec("/bin/busybox", "ping", "-c", "1", "-W", "2", GATEWAY);
  }

  private static boolean reaches(Container container) {
    return TIME.matcher(ping(container)).find();
  }

  private static double time(Container container) {
    Matcher time = TIME.matcher(ping(container));
    return time.find() ? Double.parseDouble(time.group(1)) : Double.MAX_VALUE;
  }

  @Test
  @Requires("nftables")
  void packetsOfThePodAreDroppedAndNobodyElses(Containerd containerd) throws Exception {
    assertTrue(reaches(one));
    try (Rig rig = new Rig(containerd, data)) {
      String uid = rig.succeed(one, "network", "drop", "destination-ip", GATEWAY);
      assertFalse(reaches(one));
      assertTrue(reaches(other));
      rig.destroy(uid);
      assertTrue(reaches(one));
    }
  }

  @Test
  void packetsOfThePodAreDelayedAndNobodyElses(Containerd containerd) throws Exception {
    try (Rig rig = new Rig(containerd, data)) {
      String uid = rig.succeed(one, "network", "delay", "time", "200");
      assertTrue(time(one) >= 200, "held for 200 ms");
      // what a busy machine adds is on one side only
      Eventually.eventually("the other one's is as before", () -> time(other) < 150);
      rig.destroy(uid);
      Eventually.eventually("as before", () -> time(one) < 150);
    }
  }

  @Test
  void packetsOfThePodAreLost(Containerd containerd) throws Exception {
    try (Rig rig = new Rig(containerd, data)) {
      String uid = rig.succeed(one, "network", "loss", "percent", "100");
      assertFalse(reaches(one));
      assertTrue(reaches(other));
      rig.destroy(uid);
      assertTrue(reaches(one));
    }
  }

  @Test
  void aLimitIsTakenOutOfThePodsNetwork(Containerd containerd) throws Exception {
    String length = "cat /sys/class/net/eth0/tx_queue_len";
    try (Rig rig = new Rig(containerd, data)) {
      assertEquals("0", one.shell(length).strip());
      String uid = rig.succeed(one, "network", "limit", "rate", "1mbit");
      String other = rig.succeed(one, "network", "limit", "rate", "2mbit");
      assertTrue(reaches(one));
      rig.destroy(uid);
      rig.destroy(other);
      assertTrue(reaches(one));
      assertEquals("0", one.shell(length).strip(), "which the kernel changes with the first queue");
    }
  }

  @Test
  @Requires("nftables")
  void anExperimentEndsWithItsContainerThoughThePodsNetworkLivesOn(Containerd containerd)
      throws Exception {
    Container dying = pod.container("dying", "/bin/sleep", "1000000");
    try (Rig rig = new Rig(containerd, data)) {
      String drop = rig.succeed(dying, "network", "drop", "destination-ip", GATEWAY);
      assertFalse(reaches(one), "it is the pod's network");
      dying.stop();
      Experiment record = rig.failed(drop);
      assertTrue(record.error().startsWith("target-gone"), record.error());
      Eventually.eventually("the pod's network is as before", () -> reaches(one));
      assertEquals(0, record.residue().size());
      rig.destroy(drop);
    }
  }
}
