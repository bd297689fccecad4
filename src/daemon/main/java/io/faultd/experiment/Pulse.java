package io.faultd.experiment;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Wakes those who wait for the next change of any experiment. */
final class Pulse {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition beat = lock.newCondition();

  private long last;

  /** A change with this number was written. */
  void beat(long seq) {
    lock.lock();
    try {
      last = Math.max(last, seq);
      beat.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The next changes, see {@link Experiments#changes}. */
  List<Change> changes(Store store, @Nullable String uid, long after, int limit, Duration wait) {
    long end = System.nanoTime() + wait.toNanos();
    long seen = after;
    while (true) {
      long newest = store.lastChange();
      List<Change> changes = store.changes(uid, seen, limit);
      Duration left = Duration.ofNanos(end - System.nanoTime());
      if (!changes.isEmpty() || left.isNegative() || Thread.currentThread().isInterrupted()) {
        return changes;
      }
      seen = Math.max(seen, newest);
      await(left, seen);
    }
  }

  /** Waits until there is a change with a greater number; whether there is. */
  boolean await(Duration limit, long after) {
    long end = System.nanoTime() + limit.toNanos();
    lock.lock();
    try {
      while (last <= after) {
        long left = end - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        beat.awaitNanos(left);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }
}
