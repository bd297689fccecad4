package io.faultd.worker;

import io.faultd.linux.Mark;
import io.faultd.linux.cgroup.Group;
import io.faultd.linux.cgroup.Hierarchy;
import io.faultd.linux.proc.Pidfd;
import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.linux.proc.Procfs;
import io.faultd.linux.proc.Signals;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Starts load processes: our own Java, our own classes, nothing of the environment; and ends those
 * whose parent died.
 */
public final class Workers {
  private static final String MAIN = WorkerMain.class.getName();
  private static final String INSTANCE = "--instance=";
  private static final String UID = "--uid=";
  private static final String PARENT = "--parent=";
  private static final String UNTIL = "--until=";
  private static final Duration LIMIT = Duration.ofSeconds(2);
  private static final Procfs PROCFS = Procfs.HOST;
  private static final ThreadFactory THREADS = Thread.ofPlatform().daemon().factory();

  private Workers() {}

  /**
   * Starts one. It is not ready yet when this returns; once it is, it is moved to the top of the
   * trees of control groups that share out processor time, so that our own limits are not its.
   *
   * @param mark whose instance and uid it carries in its arguments
   * @param lines is shown each line that it writes, on a thread of its own
   */
  public static Worker start(Mark mark, Consumer<String> lines) throws IOException {
    List<Group> top =
        Hierarchy.ofProcessors(PROCFS).stream().map(tree -> new Group(tree, "")).toList();
    return launch(mark, top, null, lines, THREADS);
  }

  /**
   * Starts one for a container.
   *
   * @param groups of the container, into which it is moved once it is ready; it ends if it cannot
   *     be
   * @param until it ends with this process, so that the groups can be removed
   */
  public static Worker start(
      Mark mark, List<Group> groups, ProcessIdentity until, Consumer<String> lines)
      throws IOException {
    return launch(mark, groups, until, lines, THREADS);
  }

  static Worker launch(
      Mark mark,
      List<Group> groups,
      @Nullable ProcessIdentity until,
      Consumer<String> lines,
      ThreadFactory threads)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command(mark, until));
    builder.environment().clear();
    builder.directory(new File("/"));
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    Pidfd end = until == null ? null : held(until);
    Worker worker = null;
    boolean kept = false;
    try {
      worker = new Worker(builder.start(), groups, until != null, lines, threads);
      worker.read("faultd-worker-" + mark.uid());
      if (end != null) {
        worker.until(end, "faultd-until-" + mark.uid());
      }
      kept = true;
      return worker;
    } finally {
      if (!kept) { // for want of a thread, say: nobody would end it
        if (worker != null) {
          worker.close();
        }
        if (end != null) {
          end.close();
        }
      }
    }
  }

  /** Before anything is started: there may be no descriptor for it. */
  private static Pidfd held(ProcessIdentity process) throws IOException {
    return Pidfd.open(process, PROCFS)
        .orElseThrow(() -> new IOException("process " + process.pid() + " has ended"));
  }

  private static List<String> command(Mark mark, @Nullable ProcessIdentity until) {
    int self = (int) ProcessHandle.current().pid();
    ProcessIdentity parent = PROCFS.identity(self).orElseThrow();
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx16m",
            "-Xss256k",
            "-Xshare:auto",
            "-XX:-UsePerfData",
            "-cp",
            classPath(),
            MAIN,
            INSTANCE + mark.instance(),
            UID + mark.uid(),
            PARENT + self + ":" + parent.startTicks()));
    if (until != null) {
      command.add(UNTIL + until.pid() + ":" + until.startTicks());
    }
    return command;
  }

  /**
   * Ends the workers of an instance whose parent is gone; they end by themselves, too, within a
   * second, so this only makes it certain.
   *
   * @param instance of the data folder; absent: any
   * @param uid of this experiment only; absent: any
   * @return which
   */
  public static List<ProcessIdentity> endOrphans(@Nullable String instance, @Nullable String uid)
      throws IOException {
    List<ProcessIdentity> ended = new ArrayList<>();
    for (int pid : PROCFS.pids()) {
      Optional<ProcessIdentity> identity = PROCFS.identity(pid);
      if (identity.isPresent() && orphan(PROCFS.arguments(pid), instance, uid)) {
        end(identity.get());
        ended.add(identity.get());
      }
    }
    return ended;
  }

  private static boolean orphan(
      List<String> arguments, @Nullable String instance, @Nullable String uid) {
    return arguments.contains(MAIN)
        && (instance == null || arguments.contains(INSTANCE + instance))
        && (uid == null || arguments.contains(UID + uid))
        && arguments.stream()
            .filter(each -> each.matches(PARENT + "[0-9]{1,9}:[0-9]{1,18}"))
            .noneMatch(Workers::lives);
  }

  private static boolean lives(String flag) {
    String[] parts = flag.substring(PARENT.length()).split(":", 2);
    long ticks = Long.parseLong(parts[1]);
    return PROCFS
        .stat(Integer.parseInt(parts[0]))
        .filter(stat -> stat.startTicks() == ticks && !stat.ended())
        .isPresent();
  }

  private static void end(ProcessIdentity worker) throws IOException {
    Optional<Pidfd> held = Pidfd.open(worker, PROCFS);
    if (held.isEmpty()) {
      return;
    }
    try (Pidfd pidfd = held.get()) {
      if (pidfd.send(Signals.KILL) && !pidfd.ended(LIMIT)) {
        throw new IOException("worker " + worker.pid() + " does not end");
      }
    }
  }

  /** The jar or folder that we were loaded from. */
  private static String classPath() {
    try {
      return Path.of(Workers.class.getProtectionDomain().getCodeSource().getLocation().toURI())
          .toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
