package io.faultd;

import java.time.Duration;

/**
 * Gives memory back once nobody has asked for anything for a while: a heap that has grown shrinks
 * with a collection only, and an idle daemon has none.
 */
final class IdleHeap {
  private static final Runtime JVM = Runtime.getRuntime();

  /** What a daemon without experiments has for a heap, twice over. */
  private static final long USUAL = 24L << 20;

  /** What its own clocks and watches allocate meanwhile is less. */
  private static final long LITTLE = 2L << 20;

  private long before = JVM.totalMemory() - JVM.freeMemory();

  /** Looks after the heap, once in a while, for good. */
  @SuppressWarnings("InfiniteLoopStatement")
  static void tend(Duration pause) throws InterruptedException {
    IdleHeap heap = new IdleHeap();
    while (true) {
      Thread.sleep(pause);
      heap.look();
    }
  }

  /**
   * Collects if little was allocated since the last look, and the heap is larger than it need be.
   */
  private void look() {
    long used = JVM.totalMemory() - JVM.freeMemory();
    // less than before: there was a collection, so it was not idle
    if (JVM.totalMemory() > USUAL && used >= before && used - before < LITTLE) {
      System.gc();
      used = JVM.totalMemory() - JVM.freeMemory();
    }
    before = used;
  }
}
