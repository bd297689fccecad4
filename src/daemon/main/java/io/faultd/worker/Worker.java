package io.faultd.worker;

import io.faultd.linux.cgroup.Group;
import io.faultd.linux.proc.Pidfd;
import io.faultd.linux.proc.Procfs;
import io.faultd.linux.proc.Signals;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A load process of ours, while it runs.
 *
 * <p>One thread reads what it writes, which is a line a second, and looks each time whether it is
 * still where it was placed. All methods may be called from any thread.
 */
public final class Worker implements AutoCloseable {
  private static final Duration TIDY = Duration.ofMillis(500);
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final Duration LOOK = Duration.ofMillis(200);
  private static final int KILLED = 128;
  private static final Procfs PROCFS = Procfs.HOST;

  private final Process process;
  private final List<Group> groups;
  private final boolean bound;
  private final Consumer<String> lines;
  private final ThreadFactory threads;
  private final Map<Group, String> places = new LinkedHashMap<>();
  private final Object told = new Object();
  private @Nullable Thread reader;
  private int moved;
  private volatile boolean ready;
  private volatile boolean closed;
  private volatile @Nullable String unplaced;
  private volatile @Nullable String limited;
  private volatile @Nullable String misplaced;
  private volatile @Nullable String ended;

  /**
   * A worker.
   *
   * @param groups to place it in
   * @param bound whether it must not work elsewhere
   */
  Worker(
      Process process,
      List<Group> groups,
      boolean bound,
      Consumer<String> lines,
      ThreadFactory threads) {
    this.process = process;
    this.groups = groups;
    this.bound = bound;
    this.lines = lines;
    this.threads = threads;
  }

  synchronized void read(String name) {
    Thread thread = threads.newThread(this::read);
    thread.setName(name);
    thread.start();
    reader = thread;
  }

  /**
   * Ends it with another process, and takes it out of its groups at once: who wants to remove them
   * does not wait long.
   */
  synchronized void until(Pidfd other, String name) {
    Thread thread = threads.newThread(() -> watch(other));
    thread.setName(name);
    thread.start();
  }

  private void watch(Pidfd other) {
    try (other) {
      while (process.isAlive() && !other.ended(LOOK)) {
        // until one of them has ended
      }
    } catch (IOException e) {
      misplaced = "its target cannot be watched: " + e.getMessage();
    }
    kill();
  }

  /** Takes it out of its groups first: there it may be at the end of its time, or frozen. */
  private void kill() {
    try {
      for (Group group : process.isAlive() ? groups : List.<Group>of()) {
        group.tree().move(pid(), "");
      }
    } catch (IOException e) {
      misplaced = "cannot be taken out of its control group: " + e.getMessage();
    } finally {
      process.destroyForcibly();
    }
  }

  /** Its process id. */
  public int pid() {
    return (int) process.pid();
  }

  /** Whether it is warm, placed, and waits for orders. */
  public boolean ready() {
    return ready;
  }

  /** How it ended, if it did. */
  public Optional<String> ended() {
    return Optional.ofNullable(ended);
  }

  /** Which control group it could not be taken out of when it was placed. */
  public Optional<String> limited() {
    return Optional.ofNullable(limited);
  }

  /** Into which control group somebody moved it for good; empty if all is well. */
  public Optional<String> misplaced() {
    return Optional.ofNullable(misplaced);
  }

  /**
   * Gives it an order.
   *
   * @throws IOException if it has ended
   */
  public void tell(String order) throws IOException {
    OutputStream orders = process.getOutputStream();
    // not under our lock: our reader does so, too, and close() waits for it
    synchronized (told) {
      orders.write((order + "\n").getBytes(StandardCharsets.US_ASCII));
      orders.flush();
    }
  }

  /** Ends it; when this returns it is {@linkplain #left gone}, with its thread and its pipes. */
  @Override
  public synchronized void close() {
    closed = true;
    try {
      process.getOutputStream().close();
    } catch (IOException broken) {
      // it ended before
      closed = true;
    }
    boolean interrupted = !await(TIDY);
    if (process.isAlive()) {
      kill();
      interrupted |= !await(LIMIT);
    }
    Thread thread = reader;
    try {
      if (thread != null && !process.isAlive()) {
        thread.join(LIMIT.toMillis());
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Why it is there still after {@link #close}; empty if it is not. In a frozen control group of
   * version 1, or in a call of the kernel that does not return, SIGKILL has to wait.
   */
  public Optional<String> left() {
    return process.isAlive()
        ? Optional.of("worker %d does not end".formatted(pid()))
        : Optional.empty();
  }

  /** Waits for its end; false if interrupted meanwhile. */
  private boolean await(Duration limit) {
    try {
      process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  private void read() {
    String last = "";
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line; (line = output.readLine()) != null; last = line) {
        if (line.equals("ready")) {
          place();
          ready = unplaced == null;
        } else {
          check();
          lines.accept(line);
        }
      }
    } catch (IOException closedUnderUs) {
      last = String.valueOf(closedUnderUs.getMessage());
    }
    if (unplaced != null) {
      ended = "worker " + pid() + " " + unplaced;
      return;
    }
    ended = "worker " + pid() + " " + how() + (last.isEmpty() ? "" : ", last said: " + last);
  }

  private String how() {
    if (!await(LIMIT) || process.isAlive()) {
      return "closed its output";
    }
    int code = process.exitValue();
    if (closed) {
      return "was ended";
    }
    return code > KILLED ? "was killed by " + Signals.name(code - KILLED) : "exited with " + code;
  }

  private void place() {
    for (Group group : groups) {
      try {
        group.take(pid());
      } catch (IOException e) {
        if (bound) {
          unplaced = "cannot be put into control group " + group.folder() + ": " + e.getMessage();
          process.destroyForcibly();
          return;
        }
        group
            .tree()
            .of(pid(), PROCFS)
            .filter(now -> !now.equals("/"))
            .ifPresent(now -> limited = "limited by control group " + now + ": " + e);
      }
      group.tree().of(pid(), PROCFS).ifPresent(now -> places.put(group, now));
    }
  }

  /** Whoever moves it once may not have meant it; whoever does so again does. */
  private void check() {
    places.forEach((group, place) -> {
      String now = group.tree().of(pid(), PROCFS).orElse(place);
      if (now.equals(place)) {
        return;
      }
      String what = "somebody moved the worker to control group " + now;
      moved++;
      if (moved > 1) {
        misplaced = what;
        return;
      }
      try {
        group.take(pid());
      } catch (IOException e) {
        misplaced = what + ", and it cannot be put back: " + e.getMessage();
      }
    });
  }
}
