package io.faultd.linux.nfqueue;

import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Threads that serve queues. One that has nothing to do any more stays for a while: whoever starts
 * a thread waits until it has been given a processor.
 */
final class Servants {
  private static final int STAYING_SECONDS = 60;

  private static final String IDLE = "queue-servant";

  private static final ThreadPoolExecutor THREADS =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          STAYING_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          work -> Thread.ofPlatform().daemon().name(IDLE).unstarted(work));

  private Servants() {}

  /**
   * Has one of them do something.
   *
   * @param name by which it is known meanwhile
   */
  static void run(String name, Runnable work) {
    THREADS.execute(() -> {
      Thread.currentThread().setName(name);
      try {
        work.run();
      } finally {
        Thread.currentThread().setName(IDLE);
      }
    });
  }
}
