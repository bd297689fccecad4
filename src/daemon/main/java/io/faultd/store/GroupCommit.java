package io.faultd.store;

import io.faultd.experiment.AuditLine;
import io.helidon.dbclient.DbExecute;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes of several callers in one transaction, so that they share its sync of the disk. Who comes
 * while nobody writes does so at once; who comes meanwhile waits, and the first of those then
 * writes for all of them. Thread-safe.
 *
 * <p>A call returns when its transaction is committed, alone or not. If one write of several fails,
 * none was made; then each is made again by itself, and fails alone. What is only tried out has a
 * transaction of its own, which is rolled back.
 */
final class GroupCommit {
  /** Writes in one transaction: the first of them waits for the last. */
  private static final int MOST = 64;

  private final Transaction transaction;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition quiet = lock.newCondition();

  /** In the order in which they came; the first of them is being made, with some of the next. */
  private final Queue<Write<?>> queue = new ArrayDeque<>();

  GroupCommit(Transaction transaction) {
    this.transaction = transaction;
  }

  /** Makes writes in one transaction, all or nothing; one that is only a trial comes alone. */
  interface Transaction {
    void make(List<Write<?>> writes);
  }

  /** What one caller writes; made again if the transaction was rolled back. */
  static final class Write<T> {
    private final Function<DbExecute, T> work;
    private final Condition turn;
    private final boolean trial;
    private final List<AuditLine> lines = new ArrayList<>();
    private @Nullable T result;
    private @Nullable Throwable failure;
    private boolean committed;
    private boolean over;

    private Write(Function<DbExecute, T> work, Condition turn, boolean trial) {
      this.work = work;
      this.turn = turn;
      this.trial = trial;
    }

    /** Whether nothing of it is to stay. */
    boolean trial() {
      return trial;
    }

    /** Begins anew: an empty list for the lines of the audit that it adds. */
    List<AuditLine> begin() {
      lines.clear();
      return lines;
    }

    /** Makes it, within a transaction. */
    void make(DbExecute tx) {
      result = work.apply(tx);
    }
  }

  /** Returns when it is durable. */
  <T> T write(Function<DbExecute, T> work) {
    return write(new Write<>(work, lock.newCondition(), false));
  }

  /** Does what a write does, and takes it back. */
  <T> T tryOut(Function<DbExecute, T> work) {
    return write(new Write<>(work, lock.newCondition(), true));
  }

  private <T> T write(Write<T> own) {
    List<Write<?>> group = List.of();
    lock.lock();
    try {
      queue.add(own);
      while (!own.over && queue.peek() != own) {
        own.turn.awaitUninterruptibly();
      }
      if (!own.over) {
        group =
            own.trial
                ? List.of(own)
                : queue.stream().limit(MOST).takeWhile(each -> !each.trial).toList();
      }
    } finally {
      lock.unlock();
    }
    if (!group.isEmpty()) {
      lead(group);
    }
    return outcome(own);
  }

  private void lead(List<Write<?>> group) {
    try {
      make(group);
    } finally {
      lock.lock();
      try {
        for (Write<?> write : group) {
          queue.remove();
          write.over = true;
          write.turn.signal();
        }
        Write<?> next = queue.peek();
        if (next == null) {
          quiet.signalAll();
        } else {
          next.turn.signal();
        }
      } finally {
        lock.unlock();
      }
    }
  }

  private void make(List<Write<?>> group) {
    if (group.size() > 1 && made(group)) {
      return;
    }
    for (Write<?> write : group) {
      made(List.of(write));
    }
  }

  private boolean made(List<Write<?>> writes) {
    // keeps an Error, too, which is of one write: the others are made all the same
    FutureTask<?> attempt = new FutureTask<>(() -> transaction.make(writes), null);
    attempt.run();
    Throwable failure = attempt.state() == Future.State.FAILED ? attempt.exceptionNow() : null;
    for (Write<?> write : writes) {
      write.failure = failure;
      write.committed = failure == null;
    }
    return failure == null;
  }

  private static <T> T outcome(Write<T> write) {
    if (write.failure instanceof Error error) {
      throw error;
    }
    if (write.failure instanceof RuntimeException failure) {
      throw failure;
    }
    if (!write.committed) {
      throw new IllegalStateException("who wrote for others has failed");
    }
    if (!write.trial) {
      // whoever reads the log may be slow: others may write by now
      write.lines.forEach(AuditLine::log);
    }
    return Objects.requireNonNull(write.result);
  }

  /** Does something when nobody writes, or after a limit all the same; nobody begins meanwhile. */
  void last(Duration limit, Runnable work) {
    lock.lock();
    try {
      long left = limit.toNanos();
      while (!queue.isEmpty() && left > 0) {
        left = quiet.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      try {
        work.run();
      } finally {
        lock.unlock();
      }
    }
  }
}
