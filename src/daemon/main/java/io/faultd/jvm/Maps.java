package io.faultd.jvm;

import io.faultd.linux.proc.Procfs;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What processes have mapped (proc_pid_maps(5)). The kernel tells it under a lock of the process's
 * memory, which somebody may hold who does not come back: so it is read on a thread that nobody
 * waits for longer than a moment, and not tried anew while that has not come back.
 */
final class Maps {
  private static final Duration LIMIT = Duration.ofSeconds(1);

  /** Ends those that have nothing to do soon; a lost one is not in the way of others. */
  private static final ExecutorService READERS =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          100,
          TimeUnit.MILLISECONDS,
          new SynchronousQueue<>(),
          work -> Thread.ofPlatform().daemon().name("faultd-maps").unstarted(work));

  private static final Map<Path, FutureTask<?>> LATE = new ConcurrentHashMap<>();

  private Maps() {}

  /** What is made of the lines. */
  @FunctionalInterface
  interface Reading<T> {
    /** Reads as many as it needs. */
    T of(BufferedReader lines) throws IOException;
  }

  /** Nothing came in time. */
  static final class Late extends IOException {
    private static final long serialVersionUID = 1;

    private Late(int pid) {
      super("process " + pid + " does not let its memory map be read");
    }
  }

  /**
   * Reads it.
   *
   * @throws Late if it does not come
   * @throws IOException also if the process is gone
   */
  static <T> T of(int pid, Procfs procfs, Reading<T> reading) throws IOException {
    Path file = procfs.root().resolve(pid + "/maps");
    LATE.values().removeIf(FutureTask::isDone);
    if (LATE.containsKey(file)) {
      throw new Late(pid);
    }
    FutureTask<T> task =
        new FutureTask<>(() -> {
          try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            return reading.of(lines);
          }
        });
    READERS.execute(task);
    try {
      return task.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      LATE.put(file, task);
      throw new Late(pid);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
