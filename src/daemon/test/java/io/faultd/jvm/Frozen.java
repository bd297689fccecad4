package io.faultd.jvm;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.faultd.linux.proc.Procfs;
import io.faultd.linux.proc.Stat;
import io.faultd.testing.TargetJvm;
import io.faultd.testing.Victim;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A control group with a freezer, of whichever version has one here. */
final class Frozen implements AutoCloseable {
  private static final Path FIRST = Path.of("/sys/fs/cgroup/freezer");
  private static final boolean UNIFIED = !Files.isDirectory(FIRST);

  private final Path folder =
      (UNIFIED ? FIRST.getParent() : FIRST).resolve("faultd-frozen-" + Victim.tag());
  private final Path inner = folder.resolve("inner");

  /** One with a JVM in it. */
  Frozen(TargetJvm target) throws IOException {
    Files.createDirectory(folder);
    enter(folder, target);
  }

  /** One with a thread of a JVM, which goes on without it: version 1 alone has such groups. */
  Frozen(TargetJvm target, String thread) throws IOException {
    assertFalse(UNIFIED, "needs the freezer of control groups of version 1");
    Files.createDirectory(folder);
    for (Stat task : Procfs.HOST.tasks(target.pid())) {
      if (task.name().equals(thread)) {
        Files.writeString(folder.resolve("tasks"), Integer.toString(task.pid()));
      }
    }
    assertFalse(Files.readAllLines(folder.resolve("tasks")).isEmpty(), "no " + thread);
  }

  private static void enter(Path group, TargetJvm target) throws IOException {
    Files.writeString(group.resolve("cgroup.procs"), Integer.toString(target.pid()));
  }

  /** Puts it into a group below. */
  void below(TargetJvm target) throws IOException {
    Files.createDirectory(inner);
    enter(inner, target);
  }

  /** Freezes it, or lets it go on; returns when it does. */
  void tell(boolean freeze) throws Exception {
    String word = UNIFIED ? freeze ? "1" : "0" : freeze ? "FROZEN" : "THAWED";
    Files.writeString(folder.resolve(UNIFIED ? "cgroup.freeze" : "freezer.state"), word);
    Path state = folder.resolve(UNIFIED ? "cgroup.events" : "freezer.state");
    String wanted = UNIFIED ? "frozen " + word : word;
    eventually(wanted, () -> Files.readString(state).contains(wanted));
  }

  @Override
  public void close() throws Exception {
    tell(false);
    // what is in it goes first, so that the groups can go
    for (Path each : List.of(inner, folder)) {
      if (Files.isDirectory(each)) {
        for (String pid : Files.readAllLines(each.resolve("cgroup.procs"))) {
          Files.writeString(folder.getParent().resolve("cgroup.procs"), pid);
        }
        eventually("removed: " + each, () -> each.toFile().delete());
      }
    }
  }
}
