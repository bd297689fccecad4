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

  /** What the last collection of ours left, 0 if there was another since. */
  private long left;

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
    boolean collected = used < before;
    if (collected) {
      left = 0; // by the JVM itself, so it was not idle
    }
    boolean idle = !collected && used - before < LITTLE;
    // a heap that is large because much of it lives is not collected again for nothing
    if (JVM.totalMemory() > USUAL && idle && used - left >= LITTLE) {
      System.gc();
      used = JVM.totalMemory() - JVM.freeMemory();
      left = used;
    }
    before = used;
  }
}
