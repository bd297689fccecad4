package io.faultd.linux.proc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Processes as procfs shows them (proc(5)), read anew by each call.
 *
 * <p>What is asked about a process that is gone, or goes meanwhile, is empty and never an
 * exception. What cannot be read of one that is there, for want of descriptors or memory, is an
 * {@link UncheckedIOException}: it says nothing about the process.
 */
public final class Procfs {
  /** The one of this node. */
  public static final Procfs HOST = new Procfs(Path.of("/proc"));

  private final Path root;
  private volatile @Nullable String bootId;

  /** A procfs that is mounted at {@code root}. */
  public Procfs(Path root) {
    this.root = root;
  }

  /** Where it is mounted. */
  public Path root() {
    return root;
  }

  /** /proc/sys/kernel/random/boot_id of this boot. */
  public String bootId() {
    String known = bootId;
    if (known == null) {
      try {
        known = Files.readString(root.resolve("sys/kernel/random/boot_id")).strip();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      bootId = known;
    }
    return known;
  }

  /** Pids of all processes, in order. */
  public List<Integer> pids() throws IOException {
    return numbers(root);
  }

  /** What /proc/PID/stat says; of the thread, if {@code pid} is one of a thread. */
  public Optional<Stat> stat(int pid) {
    return read(root.resolve(pid + "/stat")).map(Stat::of);
  }

  /** The same for each thread. */
  public List<Stat> tasks(int pid) {
    Path folder = root.resolve(pid + "/task");
    List<Stat> tasks = new ArrayList<>();
    try {
      for (int task : numbers(folder)) {
        read(folder.resolve(task + "/stat")).map(Stat::of).ifPresent(tasks::add);
      }
    } catch (IOException e) {
      seenGone(folder, e);
      return List.of();
    }
    return tasks;
  }

  /** Which process has this pid now. */
  public Optional<ProcessIdentity> identity(int pid) {
    return stat(pid).map(this::identity);
  }

  /** Which process this is. */
  public ProcessIdentity identity(Stat stat) {
    return new ProcessIdentity(stat.pid(), stat.startTicks(), bootId());
  }

  /** What is seen of this very process; empty if it is gone, whoever has its pid now. */
  public Optional<Stat> stat(ProcessIdentity process) {
    return stat(process.pid()).filter(stat -> identity(stat).looksLike(process));
  }

  /** Whether this very process has ended or is ending, so that nothing of it can be entered. */
  public boolean gone(ProcessIdentity process) {
    return stat(process).filter(stat -> !stat.ended() && !stat.ending()).isEmpty();
  }

  /** The arguments, the program first; empty of kernel threads and zombies. */
  public List<String> arguments(int pid) {
    String all = read(root.resolve(pid + "/cmdline")).orElse("");
    if (all.isEmpty()) {
      return List.of();
    }
    String ended = all.endsWith("\0") ? all.substring(0, all.length() - 1) : all;
    return Arrays.asList(ended.split("\0", -1));
  }

  /**
   * A field of /proc/PID/status.
   *
   * @param name TracerPid, Tgid, ShdPnd, ...
   */
  public Optional<String> status(int pid, String name) {
    return Optional.ofNullable(status(pid).get(name));
  }

  /** All fields of /proc/PID/status, by name. */
  public Map<String, String> status(int pid) {
    Map<String, String> fields = new HashMap<>();
    read(root.resolve(pid + "/status")).stream()
        .flatMap(String::lines)
        .map(line -> line.split(":", 2))
        .filter(field -> field.length == 2)
        .forEach(field -> fields.put(field[0], field[1].strip()));
    return fields;
  }

  /**
   * Whether a process certainly goes on, by its first thread and what waits for that: of each that
   * runs or sleeps, in one look instead of one for each thread. Who is told otherwise asks {@link
   * #stopped}.
   */
  public boolean runs(int pid) {
    Map<String, String> status = status(pid);
    String state = status.getOrDefault("State", "");
    return (state.startsWith("R") || state.startsWith("S")) && !stopPending(status);
  }

  /**
   * How far a process is stopped by a signal (job control, signal(7)).
   *
   * <p>Threads that ended do not count: a process whose first thread ended goes on without it.
   */
  public Stopped stopped(int pid) {
    int stopped = 0;
    int running = 0;
    for (Stat task : tasks(pid)) {
      if (task.state() == 'T' || task.state() == 't') {
        stopped++;
      } else if (!task.ended()) {
        running++;
      }
    }
    if (stopped == 0 && !stopPending(status(pid))) {
      return Stopped.NO;
    }
    return running == 0 ? Stopped.YES : Stopped.PARTLY;
  }

  /** Whether a SIGSTOP waits to be taken, by the process or by its first thread. */
  private static boolean stopPending(Map<String, String> status) {
    long pending = 0;
    for (String name : List.of("ShdPnd", "SigPnd")) {
      pending |= Long.parseUnsignedLong(status.getOrDefault(name, "0"), 16);
    }
    return (pending & 1L << (Signals.STOP - 1)) != 0;
  }

  private static Optional<String> read(Path file) {
    try {
      return Optional.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
    } catch (IOException e) {
      // ENOENT before, ESRCH while it goes
      seenGone(file, e);
      return Optional.empty();
    }
  }

  /** Whether a process is there takes neither a descriptor nor a buffer to find out. */
  private static void seenGone(Path file, IOException e) {
    if (!(e instanceof NoSuchFileException || e instanceof AccessDeniedException)
        && Files.exists(file.getParent(), LinkOption.NOFOLLOW_LINKS)) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Integer> numbers(Path folder) throws IOException {
    List<Integer> numbers = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (Character.isDigit(name.charAt(0))) {
          numbers.add(Integer.valueOf(name));
        }
      }
    } catch (java.nio.file.DirectoryIteratorException e) {
      throw e.getCause();
    }
    numbers.sort(null);
    return numbers;
  }

  /** How far a process is stopped. */
  public enum Stopped {
    /** It runs or sleeps. */
    NO,
    /** Told to, but a thread cannot yet: it waits where no signal reaches it. */
    PARTLY,
    /** All its threads. */
    YES
  }
}
