package io.faultd.testing;

import static org.junit.jupiter.api.Assertions.fail;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Awaits a condition: for 20 s, or for {@code faultd.patience} times as long where all is slow. */
public final class Eventually {
  private static final Duration LIMIT =
      Duration.ofSeconds(20).multipliedBy(Long.getLong("faultd.patience", 1));

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
