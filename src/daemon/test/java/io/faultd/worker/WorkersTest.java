package io.faultd.worker;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.linux.Mark;
import io.faultd.linux.cgroup.Group;
import io.faultd.linux.cgroup.Hierarchy;
import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.linux.proc.Procfs;
import io.faultd.testing.Frozen;
import io.faultd.testing.Victim;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WorkersTest {
  private static final Procfs PROCFS = Procfs.HOST;
  private final List<String> lines = new CopyOnWriteArrayList<>();

  @Test
  void carriesItsMarkAndNothingOfOurEnvironment() throws Exception {
    try (Worker worker = ready("carries")) {
      List<String> arguments = PROCFS.arguments(worker.pid());
      assertTrue(arguments.contains("--instance=0badcafe"), arguments::toString);
      assertTrue(arguments.contains("--uid=carries"), arguments::toString);
      assertEquals("1000", Files.readString(file(worker, "oom_score_adj")).strip());
      assertFalse(Files.readString(file(worker, "environ")).contains("PATH="));
      for (Hierarchy hierarchy : Hierarchy.ofProcessors(PROCFS)) {
        assertEquals("/", hierarchy.of(worker.pid(), PROCFS).orElseThrow());
      }
    }
  }

  @Test
  void endsAtOnceWhenClosedAndAgain() throws Exception {
    Worker worker = ready("closed");
    ProcessIdentity identity = PROCFS.identity(worker.pid()).orElseThrow();
    worker.close();
    assertTrue(PROCFS.stat(identity).isEmpty());
    worker.close();
    assertTrue(worker.ended().orElseThrow().contains("was ended"), worker.ended()::toString);
  }

  @Test
  void endsAWorkerThatWasStopped() throws Exception {
    Worker worker = ready("stopped");
    ProcessIdentity identity = PROCFS.identity(worker.pid()).orElseThrow();
    signal(worker.pid(), "STOP");
    worker.close();
    assertTrue(PROCFS.stat(identity).isEmpty());
  }

  @Test
  void endsAWorkerWhoseOwnGroupIsFrozen() throws Exception {
    try (Victim first = Victim.sleeping(Victim.tag());
        Frozen frozen = new Frozen(first.pid())) {
      List<Group> groups = List.of(freezer(first.pid()));
      Mark mark = new Mark("0badcafe", "frozen", 1);
      Worker worker = Workers.start(mark, groups, first.identity(), lines::add);
      ProcessIdentity identity = PROCFS.identity(worker.pid()).orElseThrow();
      try (worker) {
        eventually("ready", worker::ready);
        frozen.tell(true);
      }
      assertTrue(PROCFS.stat(identity).isEmpty());
      assertEquals(Optional.empty(), worker.left());
    }
  }

  private static Group freezer(int pid) throws IOException {
    String first = Hierarchy.mounted("freezer", PROCFS).isPresent() ? "freezer" : "";
    Hierarchy tree = Hierarchy.mounted(first, PROCFS).orElseThrow();
    String path = tree.of(pid, PROCFS).orElseThrow();
    return Group.of(tree.controller(), path, PROCFS).orElseThrow();
  }

  /** The JVM says that it can have no thread when that is started, the first or the second. */
  @Test
  void leavesNoWorkerThatNobodyWatchesForWantOfAThread() throws Exception {
    try (Victim target = Victim.sleeping(Victim.tag())) {
      for (int most = 0; most < 2; most++) {
        AtomicInteger spare = new AtomicInteger(most);
        Mark mark = new Mark("0badcafe", "unwatched", 1);
        assertThrows(
            OutOfMemoryError.class,
            () ->
                Workers.launch(
                    mark, List.of(), target.identity(), lines::add, work -> thread(work, spare)));
        assertEquals(List.of((long) target.pid()), children());
      }
    }
  }

  private static Thread thread(Runnable work, AtomicInteger spare) {
    return new Thread(work) {
      @Override
      public void start() {
        if (spare.getAndDecrement() == 0) {
          throw new OutOfMemoryError("unable to create native thread");
        }
        super.start();
      }
    };
  }

  private static List<Long> children() {
    return ProcessHandle.current().children().map(ProcessHandle::pid).toList();
  }

  @Test
  void saysHowItWasKilled() throws Exception {
    try (Worker worker = ready("killed")) {
      signal(worker.pid(), "KILL");
      eventually("seen", () -> worker.ended().isPresent());
      assertTrue(worker.ended().orElseThrow().contains("SIGKILL"), worker.ended()::toString);
    }
  }

  @Test
  void leavesNothingBehindHoweverOftenItIsStarted() throws Exception {
    ready("first").close();
    int before = descriptors();
    for (int i = 0; i < 50; i++) {
      // some are closed before they are ready
      try (Worker worker = Workers.start(new Mark("0badcafe", "cycle" + i, 1), lines::add)) {
        if (i % 5 == 0) {
          eventually("ready", worker::ready);
        }
      }
    }
    assertEquals(before, descriptors());
  }

  @Test
  void isPutBackOnceWhereItWasPlacedAndThenComplains() throws Exception {
    Hierarchy hierarchy = Hierarchy.mounted("", PROCFS).orElseThrow();
    Path group = hierarchy.mount().resolve("faultd-test-" + ProcessHandle.current().pid());
    Files.createDirectory(group);
    try (Worker worker = ready("moved")) {
      worker.tell("burn total 1 0 0");
      hierarchy.move(worker.pid(), group.getFileName().toString());
      eventually("back", () -> "/".equals(hierarchy.of(worker.pid(), PROCFS).orElse("")));
      assertTrue(worker.misplaced().isEmpty());
      hierarchy.move(worker.pid(), group.getFileName().toString());
      eventually("complains", () -> worker.misplaced().isPresent());
      assertEquals("/" + group.getFileName(), hierarchy.of(worker.pid(), PROCFS).orElseThrow());
    } finally {
      eventually("group empty", () -> group.toFile().delete());
    }
  }

  @Test
  void endsWithItsParentHoweverThatDies() throws Exception {
    ProcessIdentity worker;
    try (Victim parent = Victim.java(WorkingParent.class, "orphan")) {
      worker = PROCFS.identity(Integer.parseInt(parent.line())).orElseThrow();
      assertEquals(List.of(), Workers.endOrphans("0badcafe", "orphan"));
      parent.signal("KILL");
      parent.ended();
      eventually("worker gone", () -> gone(worker));
    }
  }

  @Test
  void goesOnWhileItsParentIsStopped() throws Exception {
    try (Victim parent = Victim.java(WorkingParent.class, "paused")) {
      ProcessIdentity worker = PROCFS.identity(Integer.parseInt(parent.line())).orElseThrow();
      parent.stop();
      long before = spent(worker.pid());
      eventually("burns on", () -> spent(worker.pid()) > before + 3);
      parent.signal("KILL");
      eventually("worker gone", () -> gone(worker));
    }
  }

  @Test
  void endsThoseWhoseParentIsGoneAndNoOthers() throws Exception {
    try (Worker ours = ready("kept");
        Victim parent = Victim.java(WorkingParent.class, "swept")) {
      ProcessIdentity worker = PROCFS.identity(Integer.parseInt(parent.line())).orElseThrow();
      // so that it cannot end by itself
      signal(worker.pid(), "STOP");
      parent.signal("KILL");
      parent.ended();
      assertEquals(List.of(), Workers.endOrphans("0badcaff", null));
      assertEquals(List.of(), Workers.endOrphans("0badcafe", "another"));
      assertEquals(List.of(worker), Workers.endOrphans("0badcafe", null));
      eventually("worker gone", () -> gone(worker));
      assertTrue(PROCFS.stat(ours.pid()).isPresent());
    }
  }

  private Worker ready(String uid) throws Exception {
    Worker worker = Workers.start(new Mark("0badcafe", uid, 1), lines::add);
    eventually("ready", worker::ready);
    return worker;
  }

  private static boolean gone(ProcessIdentity worker) {
    return PROCFS.stat(worker).filter(stat -> !stat.ended()).isEmpty();
  }

  private static long spent(int pid) throws IOException {
    String[] fields =
        Files.readString(Path.of("/proc/" + pid + "/stat"))
            .replaceFirst(".*\\) ", "")
            .split(" ", -1);
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }

  private static Path file(Worker worker, String name) {
    return Path.of("/proc/" + worker.pid() + "/" + name);
  }

  private static void signal(int pid, String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, Integer.toString(pid)).start().waitFor();
  }

  private static int descriptors() {
    String[] open = new File("/proc/self/fd").list();
    return open == null ? 0 : open.length;
  }
}
