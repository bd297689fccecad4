package io.faultd.agent.library.jvm;

import io.faultd.agent.core.Flags;
import io.faultd.agent.core.Load;
import io.faultd.agent.core.Refusal;
import java.util.ArrayList;
import java.util.List;

/** Threads in the application's own process that compute and compute. */
final class Burn implements Load, Runnable {
  private static final int TURNS = 1000;
  private static final long PATIENCE = 1000;

  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean over;
  private volatile long result;

  /** As many as {@code cpu-count}; as there are processors if that is absent, 0 or more. */
  Burn(Flags flags) throws Refusal {
    int all = Runtime.getRuntime().availableProcessors();
    long count = flags.number("cpu-count", 0, Integer.MAX_VALUE, 0);
    for (int i = 0; i < (count == 0 ? all : Math.min(count, all)); i++) {
      Thread thread = new Thread(null, this, "faultd-cpu-" + i, 0);
      thread.setDaemon(true);
      thread.setContextClassLoader(null);
      threads.add(thread);
    }
  }

  @Override
  public void start() {
    for (Thread thread : threads) {
      thread.start();
    }
  }

  @Override
  public void run() {
    long number = 1;
    while (!over) {
      for (int i = 0; i < TURNS; i++) {
        number = number * 31 + i;
      }
      result = number;
    }
  }

  /** What was computed: without a use of it the compiler would leave it out. */
  long result() {
    return result;
  }

  @Override
  public int threads() {
    int alive = 0;
    for (Thread thread : threads) {
      alive += thread.isAlive() ? 1 : 0;
    }
    return alive;
  }

  @Override
  public void stop() {
    over = true;
    try {
      for (Thread thread : threads) {
        thread.join(PATIENCE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
