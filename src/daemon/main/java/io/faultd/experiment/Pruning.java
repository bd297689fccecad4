package io.faultd.experiment;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;

/**
 * Forgets old records. On a thread of its own: of a backlog there may be many, and nothing that has
 * a deadline waits for it; of the store others have their turn after some records.
 */
final class Pruning {
  private static final Logger LOG = System.getLogger(Pruning.class.getName());
  private static final Duration END = Duration.ofSeconds(1);

  private final Store store;
  private final Calm time;
  private final Rules rules;
  private final Thread thread =
      Thread.ofPlatform().daemon().name("faultd-prune").unstarted(this::run);
  private volatile boolean closed;

  Pruning(Store store, Calm time, Rules rules) {
    this.store = store;
    this.time = time;
    this.rules = rules;
  }

  void start() {
    thread.start();
  }

  private void run() {
    while (!closed) {
      try {
        prune();
      } catch (RuntimeException e) {
        LOG.log(Level.WARNING, "old records stay: {0}", e.getMessage());
      }
      if (!closed) {
        LockSupport.parkNanos(rules.prune().toNanos());
      }
    }
  }

  void prune() {
    Instant now = time.now();
    store.forgetKeys(now);
    Instant before = now.minus(rules.retention());
    boolean more = true;
    while (more && !closed) {
      more = store.prune(before);
    }
  }

  /** It begins with no more of them. */
  void stop() {
    closed = true;
    LockSupport.unpark(thread);
  }

  /** Ends it. */
  void close(Ending ending) {
    stop();
    ending.join(thread, END);
  }
}
