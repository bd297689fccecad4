package io.faultd.jvm;

import io.faultd.linux.Mark;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The right to make and to take away what has one mark in a JVM's /tmp: one thread of this daemon
 * has it at a time, however late that comes back. Names, and the numbers of mounts, are used again:
 * whoever took something away without it might hit what another attach has made by then.
 */
final class MarkTurn implements AutoCloseable {
  private static final Set<Mark> TAKEN = new HashSet<>();

  private final Mark mark;

  private MarkTurn(Mark mark) {
    this.mark = mark;
  }

  /** Waits for it, for ever if need be. */
  static MarkTurn of(Mark mark) throws InterruptedException {
    synchronized (TAKEN) {
      while (!TAKEN.add(mark)) {
        TAKEN.wait();
      }
    }
    return new MarkTurn(mark);
  }

  /** The same until an instant of {@link System#nanoTime}; empty if somebody else has it then. */
  static Optional<MarkTurn> of(Mark mark, long deadline) throws InterruptedException {
    synchronized (TAKEN) {
      while (!TAKEN.add(mark)) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          return Optional.empty();
        }
        TimeUnit.NANOSECONDS.timedWait(TAKEN, left);
      }
    }
    return Optional.of(new MarkTurn(mark));
  }

  /** Gives it back, once. */
  @Override
  public void close() {
    synchronized (TAKEN) {
      TAKEN.remove(mark);
      TAKEN.notifyAll();
    }
  }
}
