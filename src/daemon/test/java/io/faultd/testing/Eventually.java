package io.faultd.testing;

import static org.junit.jupiter.api.Assertions.fail;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Awaits a condition. */
public final class Eventually {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private Eventually() {}

  /** Returns when it is so; fails if that takes too long. */
  public static void eventually(String what, Callable<Boolean> so) throws Exception {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!so.call()) {
      if (System.nanoTime() > deadline) {
        fail("not seen within " + LIMIT.toSeconds() + " s: " + what);
      }
      LockSupport.parkNanos(500_000);
    }
  }
}
