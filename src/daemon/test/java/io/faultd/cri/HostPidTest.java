package io.faultd.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Container;
import io.faultd.testing.Containerd;
import io.faultd.testing.Pod;
import io.faultd.testing.Requires;
import io.faultd.testing.WithContainerd;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A daemon that does not see the node's processes takes nobody else for a container. */
@WithContainerd
class HostPidTest {
  private static Pod pod;
  private static Container one;

  @BeforeAll
  static void run(Containerd containerd) {
    pod = containerd.pod();
    one = pod.container("one", "/bin/sleep", "1000000");
  }

  @AfterAll
  static void end() {
    pod.close();
  }

  /** Looks for the container behind a command that is done first, with $P its pid. */
  private static String looked(Containerd containerd, String unshare, String first)
      throws Exception {
    Process process =
        new ProcessBuilder(
                "sh",
                "-c",
                "exec " + unshare + " sh -c '" + first + " exec \"$@\"' x \"$@\"",
                "x",
                System.getProperty("java.home") + "/bin/java",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                FindMain.class.getName(),
                containerd.socket(),
                one.id())
            .redirectErrorStream(true)
            .start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertEquals(0, process.waitFor(), output);
    return output.substring(output.lastIndexOf('\n') + 1); // newer JDKs warn of libraries first
  }

  @Test
  void findsWhatItSees(Containerd containerd) throws Exception {
    assertEquals("FOUND " + one.pid(), looked(containerd, "setsid", ""));
  }

  @Test
  void inAnotherPidNamespaceItSaysWhatIsMissing(Containerd containerd) throws Exception {
    String said = looked(containerd, "unshare --pid --fork --mount-proc", "");
    assertTrue(
        said.startsWith("UNSUPPORTED cri-endpoint: the daemon does not see the processes of the"),
        said);
    assertTrue(said.contains("hostPID"), said);
    assertTrue(said.endsWith("there is no process " + one.pid() + " here"), said);
  }

  @Test
  @Requires("ns_last_pid")
  void aProcessThatHasTheSamePidThereIsNotTakenForIt(Containerd containerd) throws Exception {
    String said =
        looked(
            containerd,
            "unshare --pid --fork --kill-child --mount-proc",
            "echo $((" + one.pid() + " - 1)) >/proc/sys/kernel/ns_last_pid; sleep 1000 >&- 2>&- &");
    assertTrue(said.startsWith("UNSUPPORTED cri-endpoint: the daemon does not see"), said);
    assertTrue(said.contains("hostPID"), said);
    assertTrue(said.endsWith("process " + one.pid() + " here is in no control group of it"), said);
  }
}
