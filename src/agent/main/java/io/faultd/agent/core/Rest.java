package io.faultd.agent.core;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Where the threads wait that a rule delays, until it is over. */
public final class Rest {
  private final CountDownLatch over = new CountDownLatch(1);
  private final AtomicInteger waiting = new AtomicInteger();

  /**
   * Waits. An interrupt ends it and stays set.
   *
   * @param millis at most how long
   */
  public void take(long millis) {
    if (millis <= 0) {
      return;
    }
    waiting.incrementAndGet();
    try {
      over.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      waiting.decrementAndGet();
    }
  }

  /** Wakes everybody, and lets nobody wait again. */
  void end() {
    over.countDown();
    long last = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(100);
    while (waiting.get() > 0 && System.nanoTime() < last) {
      Thread.yield();
    }
  }
}
