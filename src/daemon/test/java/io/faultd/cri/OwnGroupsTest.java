package io.faultd.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.linux.proc.Procfs;
import io.faultd.testing.Container;
import io.faultd.testing.Containerd;
import io.faultd.testing.Eventually;
import io.faultd.testing.Pod;
import io.faultd.testing.WithContainerd;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * A daemon in a container, with the node's processes and a namespace of control groups of its own,
 * whose root is that container's group. Less and less of the node's control groups is mounted.
 */
@WithContainerd
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class OwnGroupsTest {
  /** All trees that a container has a group in; cpuset, too, which has processors by now. */
  private static final String JOIN =
      "for each in /sys/fs/cgroup /sys/fs/cgroup/*; do procs=$each%s/cgroup.procs;"
          + " [ -e $procs ] && echo $$ >$procs; done; exec unshare --cgroup --mount \"$@\"";

  @TempDir static Path data;

  private static Pod pod;
  private static Container home;
  private static Container other;
  private static Process daemon;
  private static BufferedReader answers;

  @BeforeAll
  static void run(Containerd containerd) throws Exception {
    pod = containerd.pod();
    home = pod.container("home", "/bin/sleep", "1000000");
    other = counting("other");
    daemon =
        new ProcessBuilder(
                "sh",
                "-c",
                JOIN.formatted(containerd.group() + "/" + home.id()),
                "x",
                System.getProperty("java.home") + "/bin/java",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-Dorg.sqlite.tmpdir=" + data,
                "-cp",
                System.getProperty("java.class.path"),
                OrdersMain.class.getName(),
                containerd.name(),
                data.resolve("daemon").toString())
            .redirectErrorStream(true)
            .start();
    answers = daemon.inputReader(StandardCharsets.UTF_8);
    assertEquals("ready", answer());
  }

  @AfterAll
  static void end() throws Exception {
    if (daemon != null) {
      daemon.getOutputStream().close();
      CompletableFuture<Void> kill = kill(daemon);
      daemon.waitFor();
      kill.cancel(false);
    }
    if (pod != null) {
      pod.close();
    }
  }

  /** Kills a process that is not done in time, unless it is cancelled. */
  private static CompletableFuture<Void> kill(Process late) {
    return CompletableFuture.runAsync(
        late::destroyForcibly, CompletableFuture.delayedExecutor(30, TimeUnit.SECONDS));
  }

  private static Container counting(String name) {
    return pod.container(
        name, "/bin/sh", "-c", "n=0; while :; do n=$((n+1)); echo $n >/data/n; sleep 0.02; done");
  }

  private static String answer() throws IOException {
    StringBuilder before = new StringBuilder();
    CompletableFuture<Void> kill = kill(daemon);
    try {
      for (String line; (line = answers.readLine()) != null; before.append(line).append('\n')) {
        if (line.startsWith("> ")) {
          return line.substring(2);
        }
      }
    } finally {
      kill.cancel(false);
    }
    throw new IOException("the daemon ended: " + before);
  }

  private static String told(String... words) throws IOException {
    daemon
        .getOutputStream()
        .write((String.join(" ", words) + "\n").getBytes(StandardCharsets.UTF_8));
    daemon.getOutputStream().flush();
    return answer();
  }

  private static String succeeded(String... words) throws IOException {
    String answer = told(words);
    assertTrue(answer.startsWith("OK "), answer);
    return answer.substring(3);
  }

  private static void refused(String start, String... words) throws IOException {
    String answer = told(words);
    assertTrue(answer.startsWith(start), answer);
  }

  /** Does something to what the daemon has mounted. */
  private static void mounts(String line) throws Exception {
    String daemonsMounts = "--mount=/proc/" + daemon.pid() + "/ns/mnt";
    String daemonsGroups = "--cgroup=/proc/" + daemon.pid() + "/ns/cgroup";
    Process tool =
        new ProcessBuilder("nsenter", daemonsMounts, daemonsGroups, "sh", "-ec", line)
            .redirectErrorStream(true)
            .start();
    CompletableFuture<Void> kill = kill(tool);
    String output = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, tool.waitFor(), output);
    kill.cancel(false);
  }

  private static String count() throws IOException {
    return Files.readString(other.file("/data/n")).strip();
  }

  private static boolean hasWorker() throws IOException {
    for (int pid : other.pids()) {
      if (Procfs.HOST.arguments(pid).contains("io.faultd.worker.WorkerMain")) {
        return true;
      }
    }
    return false;
  }

  private static void pauses() throws Exception {
    String pause = succeeded("create", other.id(), "container", "pause");
    String still = count();
    Eventually.eventually("it is frozen", () -> frozen(still));
    assertEquals("DESTROYED", told("destroy", pause));
    Eventually.eventually("it goes on", () -> !count().equals(still));
  }

  /** Whether it does not count while a process outside could have. */
  private static boolean frozen(String still) throws IOException {
    long end = System.nanoTime() + 200_000_000L;
    while (System.nanoTime() < end) {
      if (!count().equals(still)) {
        return false;
      }
    }
    return true;
  }

  @Test
  @Order(1)
  void pausesAnotherContainerAndBurnsItsTimeOnly() throws Exception {
    pauses();
    String burn = succeeded("create", other.id(), "cpu", "fullload", "cpu-percent", "5");
    Eventually.eventually("the worker is in the container's group", OwnGroupsTest::hasWorker);
    assertEquals("DESTROYED", told("destroy", burn));
    assertFalse(hasWorker());
  }

  @Test
  @Order(2)
  void itsOwnContainerIsProtected() throws Exception {
    refused("FORBIDDEN", "create", home.id(), "container", "pause");
    refused("FORBIDDEN", "create", home.id(), "container", "remove");
  }

  @Test
  @Order(3)
  void ofBothVersionsTheOneThatIsMountedIsUsed() throws Exception {
    mounts("[ ! -d /sys/fs/cgroup/freezer ] || umount /sys/fs/cgroup/freezer");
    pauses();
  }

  @Test
  @Order(4)
  void controlGroupsThatCannotBeWrittenToAreNamed() throws Exception {
    mounts(
        "awk '/ cgroup2? /{print $2}' /proc/self/mounts |"
            + " while read each; do mount -o remount,bind,ro $each; done");
    refused("UNSUPPORTED the freezer of container", "create", other.id(), "container", "pause");
    String answer = told("create", other.id(), "cpu", "fullload", "cpu-percent", "5");
    assertTrue(
        answer.startsWith("UNSUPPORTED the container's control groups are read-only"), answer);
    assertTrue(answer.contains("/sys/fs/cgroup/"), answer);
  }

  @Test
  @Order(5)
  void whereOnlyItsOwnAreMountedItSaysSo() throws Exception {
    mounts(
        "mount -t tmpfs tmpfs /sys/fs/cgroup; cd /sys/fs/cgroup; mkdir unified; mount -t cgroup2"
            + " none unified; if ! [ -e unified/cgroup.controllers ] || ! grep -q cpu"
            + " unified/cgroup.controllers; then for each in freezer cpu cpuacct; do mkdir $each;"
            + " mount -t cgroup -o $each none $each; done; fi");
    String answer = told("create", other.id(), "container", "pause");
    assertTrue(answer.startsWith("UNSUPPORTED the freezer of container " + other.id()), answer);
    assertTrue(answer.contains("is not seen here: there is only /sys/fs/cgroup/"), answer);
    assertTrue(answer.contains(", which shows "), answer);
    assertTrue(answer.contains("/" + home.id()), answer);
    assertTrue(answer.contains("mount the node's /sys/fs/cgroup"), answer);
    refused("FORBIDDEN", "create", home.id(), "container", "pause");
  }

  @Test
  @Order(6)
  void whereNoneIsMountedItSaysSo() throws Exception {
    mounts("mount -t tmpfs tmpfs /sys/fs/cgroup");
    for (String[] action : new String[][] {{"container", "pause"}, {"cpu", "fullload"}}) {
      String answer = told("create", other.id(), action[0], action[1]);
      assertTrue(answer.startsWith("UNSUPPORTED the "), answer);
      assertTrue(answer.contains("no such control groups are mounted"), answer);
    }
  }
}
