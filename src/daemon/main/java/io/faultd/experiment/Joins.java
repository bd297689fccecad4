package io.faultd.experiment;

import io.faultd.fault.CancelledException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * One turn for each shared thing: whoever changes it, or takes its change back, has the turn until
 * it is done, so that members see each other's changes whole. Thread-safe.
 */
final class Joins {
  private static final int POLL_MILLIS = 20;

  private static final class Turn {
    private final Semaphore free = new Semaphore(1, true);
    private int interested;
  }

  private final ConcurrentHashMap<String, Turn> turns = new ConcurrentHashMap<>();
  private final Set<Left> left = ConcurrentHashMap.newKeySet();

  /** A step that was taken back. */
  private record Left(String uid, int number) {}

  /** A step was taken back, whether that can be written now or not: others are to know. */
  void left(String uid, int number) {
    left.add(new Left(uid, number));
  }

  /** Whether a step was taken back, as far as this daemon knows without its store. */
  boolean isLeft(String uid, int number) {
    return left.contains(new Left(uid, number));
  }

  /** The store knows it, too. */
  void marked(String uid, int number) {
    left.remove(new Left(uid, number));
  }

  /**
   * Waits for the turn.
   *
   * @throws CancelledException if {@code cancelled} becomes true meanwhile
   */
  void enter(String key, BooleanSupplier cancelled) {
    Turn turn =
        turns.compute(
            key,
            (k, old) -> {
              Turn now = old == null ? new Turn() : old;
              now.interested++;
              return now;
            });
    boolean entered = false;
    try {
      while (!entered) {
        entered = turn.free.tryAcquire(POLL_MILLIS, TimeUnit.MILLISECONDS);
        if (!entered && cancelled.getAsBoolean()) {
          throw new CancelledException();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException();
    } finally {
      if (!entered) {
        forget(key);
      }
    }
  }

  /** Does something in the turn, and gives it to the next whatever comes of it. */
  <T> T during(String key, Supplier<T> work) {
    enter(key, () -> false);
    try {
      return work.get();
    } finally {
      leave(key);
    }
  }

  /** Gives the turn to the next. */
  void leave(String key) {
    forget(key).free.release();
  }

  private Turn forget(String key) {
    Turn[] found = new Turn[1];
    turns.computeIfPresent(
        key,
        (k, turn) -> {
          found[0] = turn;
          return --turn.interested == 0 ? null : turn;
        });
    return found[0];
  }
}
