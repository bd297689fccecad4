package io.faultd.port;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/** Does something when a time is over, unless it is closed before. */
public final class Alarm implements AutoCloseable {
  private final AtomicBoolean over = new AtomicBoolean();
  private final Thread thread;

  private Alarm(Duration time, Runnable work) {
    thread =
        Thread.ofVirtual()
            .name("faultd-alarm")
            .start(() -> {
              try {
                Thread.sleep(time);
              } catch (InterruptedException closed) {
                return;
              }
              if (over.compareAndSet(false, true)) {
                work.run();
              }
            });
  }

  /**
   * One that runs from now on.
   *
   * @param work is done by a virtual thread
   */
  public static Alarm after(Duration time, Runnable work) {
    return new Alarm(time, work);
  }

  /** It will not go off any more. */
  @Override
  public void close() {
    if (over.compareAndSet(false, true)) {
      thread.interrupt();
    }
  }
}
