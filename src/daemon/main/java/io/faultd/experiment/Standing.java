package io.faultd.experiment;

import io.faultd.fault.Effect;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What an owner and everybody else know of one experiment: the record as it is now, and who wants
 * it to end. The owner publishes; others ask and wait. Thread-safe.
 */
final class Standing {
  /** Why an experiment is to end. */
  enum Cause {
    DESTROY,
    DEADLINE,
    CLIENT_GAVE_UP,
    TOO_SLOW,
    SHUTDOWN
  }

  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();

  private volatile Experiment record;
  private volatile boolean ended;
  private volatile @Nullable Cause cause;
  private volatile boolean force;
  private volatile Actor actor = Actor.own("order");
  private volatile boolean stopping;

  // an end counts as tried when it began after it was asked for
  private int asked;
  private int trying;
  private int tried;
  private boolean triedOnce;
  private boolean woken;

  // when the end that is on its way was asked for or begun; 0: there is none, or it was told
  private long begun;
  private final BiConsumer<Experiment, Duration> undone;

  /** The standing of a record; {@code undone} is told how long each end took. */
  Standing(Experiment record, BiConsumer<Experiment, Duration> undone) {
    this.record = record;
    this.undone = undone;
  }

  Experiment record() {
    return record;
  }

  /** Whether nothing more will be done. */
  boolean ended() {
    return ended;
  }

  /** Why it is to end; absent: it is not. */
  @Nullable Cause cause() {
    return cause;
  }

  boolean cancelled() {
    return cause != null;
  }

  /** Whether the daemon ends, so that there is one more try and no other. */
  boolean stopping() {
    return stopping;
  }

  /** Whether what cannot be undone is to be given up. */
  boolean force() {
    return force;
  }

  // ---- for others

  /**
   * Asks for the end; returns a number to wait for. The first cause counts, but one that ends an
   * injection only gives way to one that ends the experiment.
   */
  int end(Cause why, boolean giveUp, Actor who) {
    lock.lock();
    try {
      if (cause == null || ofInjection(cause)) {
        cause = why;
        actor = who;
      }
      force |= giveUp;
      stopping |= why == Cause.SHUTDOWN;
      if (begun == 0 && record.status() != Status.CREATED) { // else nothing was in place
        begun = System.nanoTime();
      }
      woken = true;
      news.signalAll();
      return ++asked;
    } finally {
      lock.unlock();
    }
  }

  /** The same in the daemon's own name. */
  int end(Cause why, boolean giveUp) {
    return end(why, giveUp, Actor.own(why.name().toLowerCase(Locale.ROOT)));
  }

  /**
   * Who brings it to its end.
   *
   * @param found whether the last daemon left it, which is then why
   */
  @Nullable Actor author(boolean found) {
    if (cause != null && cause != Cause.CLIENT_GAVE_UP) {
      return actor;
    }
    if (found) {
      return Actor.own("recovery");
    }
    return record.status() == Status.CREATED ? record.by() : Actor.own("watch");
  }

  private static boolean ofInjection(@Nullable Cause cause) {
    return cause == Cause.CLIENT_GAVE_UP || cause == Cause.TOO_SLOW;
  }

  /** Asks for the end of an injection only; what is in place already stays. */
  void endInjection(Cause why) {
    lock.lock();
    try {
      if (record.status() == Status.CREATED) {
        end(why, false);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits until the end with this number was tried; whether it was. */
  boolean awaitEnd(Duration limit, int number) {
    return await(limit, now -> ended || tried >= number, () -> false);
  }

  /** Waits until the record is as wanted, or there is no more use; whether it came to that. */
  boolean await(Duration limit, Predicate<Experiment> wanted, BooleanSupplier useless) {
    long end = System.nanoTime() + limit.toNanos();
    lock.lock();
    try {
      while (!wanted.test(record)) {
        long left = Math.min(end - System.nanoTime(), LOOK_NANOS);
        if (left <= 0 || useless.getAsBoolean()) {
          return false;
        }
        news.awaitNanos(left);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until it is injected or not; who gives up meanwhile has it taken back. */
  void awaitInjection(BooleanSupplier gaveUp) {
    boolean told = false;
    while (!await(PATIENCE, now -> now.status() != Status.CREATED, told ? () -> false : gaveUp)) {
      if (!told && gaveUp.getAsBoolean()) {
        endInjection(Cause.CLIENT_GAVE_UP);
        told = true;
      }
      if (Thread.currentThread().isInterrupted()) {
        return;
      }
    }
  }

  /** Waits until the effect is as asked, or there is none to wait for. */
  void awaitSettled(Duration limit, BooleanSupplier gaveUp) {
    await(
        limit,
        now -> now.status() != Status.SUCCESS || now.effect().state() == Effect.State.SETTLED,
        gaveUp);
  }

  /** What became of an injection that was cancelled. */
  static FaultException why(@Nullable Cause cause, Duration limit) {
    return switch (Objects.requireNonNull(cause)) {
      case DESTROY, DEADLINE ->
          new FaultException(Reason.CONFLICT, "destroyed while it was being injected");
      case CLIENT_GAVE_UP -> new FaultException(Reason.INJECT_FAILED, "client gave up");
      case TOO_SLOW ->
          new FaultException(
              Reason.INJECT_FAILED,
              "injecting took longer than inject.limit (" + limit.toSeconds() + " s)");
      case SHUTDOWN -> new FaultException(Reason.INJECT_FAILED, "faultd was stopped meanwhile");
    };
  }

  // ---- for the owner

  void publish(Experiment now, boolean last) {
    if (last || !now.residue().isEmpty()) {
      took().ifPresent(time -> undone.accept(now, time));
    }
    lock.lock();
    try {
      if (ofInjection(cause)
          && record.status() == Status.CREATED
          && now.status() == Status.SUCCESS) {
        begun = 0;
        cause = null; // asked for while success was being written: what is in place stays
      }
      record = now;
      ended = last;
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** How long the present end took until now; once, however often it is tried. */
  private Optional<Duration> took() {
    lock.lock();
    try {
      long since = begun;
      begun = 0;
      return since == 0
          ? Optional.empty()
          : Optional.of(Duration.ofNanos(System.nanoTime() - since));
    } finally {
      lock.unlock();
    }
  }

  /** An end is being tried now, of what is in place or of what never was. */
  void trying(boolean inPlace) {
    lock.lock();
    try {
      trying = asked;
      if (begun == 0 && inPlace && record.residue().isEmpty()) {
        begun = System.nanoTime();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The end was tried, and something is left. */
  void tried() {
    lock.lock();
    try {
      tried = trying;
      triedOnce = true;
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether an end was tried since the owner began. */
  boolean triedOnce() {
    lock.lock();
    try {
      return triedOnce;
    } finally {
      lock.unlock();
    }
  }

  /** Sleeps until an end is asked for, or this long. */
  void sleep(long nanos) {
    lock.lock();
    try {
      long left = nanos;
      while (left > 0 && !woken) {
        left = news.awaitNanos(left);
      }
      woken = false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }
}
