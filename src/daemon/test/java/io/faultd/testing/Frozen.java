package io.faultd.testing;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.faultd.linux.proc.Procfs;
import io.faultd.linux.proc.Stat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A control group with a freezer, of whichever version has one here. */
public final class Frozen implements AutoCloseable {
  private static final Path FIRST = Path.of("/sys/fs/cgroup/freezer");
  private static final boolean UNIFIED = !Files.isDirectory(FIRST);

  private final Path folder =
      (UNIFIED ? FIRST.getParent() : FIRST).resolve("faultd-frozen-" + Victim.tag());
  private final Path inner = folder.resolve("inner");

  /** One with a process in it. */
  public Frozen(int pid) throws IOException {
    Files.createDirectory(folder);
    enter(folder, pid);
  }

  /** One with a thread of a process, which goes on without it: version 1 alone has such groups. */
  public Frozen(int pid, String thread) throws IOException {
    assertFalse(UNIFIED, "needs the freezer of control groups of version 1");
    Files.createDirectory(folder);
    for (Stat task : Procfs.HOST.tasks(pid)) {
      if (task.name().equals(thread)) {
        Files.writeString(folder.resolve("tasks"), Integer.toString(task.pid()));
      }
    }
    assertFalse(Files.readAllLines(folder.resolve("tasks")).isEmpty(), "no " + thread);
  }

  private static void enter(Path group, int pid) throws IOException {
    Files.writeString(group.resolve("cgroup.procs"), Integer.toString(pid));
  }

  /** Puts it into a group below. */
  public void below(int pid) throws IOException {
    Files.createDirectory(inner);
    enter(inner, pid);
  }

  /** Freezes it, or lets it go on; returns when it does. */
  public void tell(boolean freeze) throws Exception {
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
