package io.faultd.worker;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * Burns a share of one processor: earns that share of the time that passes, spends what the kernel
 * says it ran, and sleeps while it is in debt. Uses java.* alone.
 */
final class Burner implements Runnable {
  private static final long PERIOD_NANOS = 10_000_000;

  /** What contention withheld for longer is forgotten, not caught up with. */
  private static final long MOST_CREDIT_NANOS = 4 * PERIOD_NANOS;

  private final CountDownLatch started;
  private volatile String thread = "";
  private volatile double share;
  private volatile long spent;

  Burner(CountDownLatch started) {
    this.started = started;
  }

  /** Its thread id; known once started. */
  String thread() {
    return thread;
  }

  /** Takes this share of a processor from now on, 0 to 1. */
  void take(double newShare) {
    share = newShare;
  }

  /** Nanoseconds that it ran. */
  long spent() {
    return spent;
  }

  @Override
  public void run() {
    try (RandomAccessFile clock = new RandomAccessFile("/proc/thread-self/schedstat", "r")) {
      String self = Files.readSymbolicLink(Path.of("/proc/thread-self")).toString();
      thread = self.substring(self.lastIndexOf('/') + 1);
      started.countDown();
      burn(clock);
    } catch (IOException e) {
      Runtime.getRuntime().halt(1);
    }
  }

  private void burn(RandomAccessFile clock) throws IOException {
    byte[] buffer = new byte[64];
    long wall = System.nanoTime();
    long ran = ran(clock, buffer);
    double credit = 0;
    while (true) {
      long now = System.nanoTime();
      long ranNow = ran(clock, buffer);
      double part = share;
      credit = Math.min(credit + (now - wall) * part - (ranNow - ran), MOST_CREDIT_NANOS);
      wall = now;
      ran = ranNow;
      spent = ranNow;
      if (part >= 1 || credit > 0) {
        spin(now + (part >= 1 ? PERIOD_NANOS : Math.min((long) credit, PERIOD_NANOS)));
      } else {
        double due = part <= 0 ? PERIOD_NANOS : PERIOD_NANOS - credit / part;
        LockSupport.parkNanos((long) Math.clamp(due, 1_000_000, 5.0 * PERIOD_NANOS));
      }
    }
  }

  private static void spin(long until) {
    long now = System.nanoTime();
    while (now < until) {
      now = System.nanoTime();
    }
  }

  /** The first number of schedstat: nanoseconds on a processor. */
  private static long ran(RandomAccessFile clock, byte[] buffer) throws IOException {
    clock.seek(0);
    int length = clock.read(buffer);
    String text = new String(buffer, 0, Math.max(length, 0), StandardCharsets.US_ASCII);
    return Long.parseLong(text.substring(0, text.indexOf(' ')));
  }
}
