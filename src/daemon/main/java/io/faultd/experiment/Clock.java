package io.faultd.experiment;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends injections that take too long, and starts owners that wait for a thread: once a second while
 * there are any. A node without experiments is not woken up for them.
 */
final class Clock {
  private static final Duration END = Duration.ofSeconds(1);

  private final Owners owners;
  private final Thread thread =
      Thread.ofPlatform().daemon().name("faultd-clock").unstarted(this::run);
  private volatile boolean asleep;
  private volatile boolean closed;

  Clock(Owners owners) {
    this.owners = owners;
    owners.tell(this::wake);
  }

  void start() {
    thread.start();
  }

  private void run() {
    while (!closed) {
      owners.all().forEach(Owner::hurry);
      owners.startWaiting();
      LockSupport.parkNanos(this, TimeUnit.SECONDS.toNanos(1));
      awaitOwners();
    }
  }

  private void awaitOwners() {
    asleep = true; // before the look: who comes behind that sees it
    while (owners.idle() && !closed) {
      LockSupport.park(this);
    }
    asleep = false;
  }

  /** An owner has come. */
  private void wake() {
    if (asleep) {
      LockSupport.unpark(thread);
    }
  }

  /** It begins nothing more. */
  void stop() {
    closed = true;
    LockSupport.unpark(thread);
  }

  /** Ends it. */
  void close(Ending ending) {
    stop();
    ending.join(thread, END); // it may be writing
  }
}
