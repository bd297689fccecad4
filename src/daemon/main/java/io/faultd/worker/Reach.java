package io.faultd.worker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;

/**
 * Processors that a thread of ours may run on.
 *
 * <p>The kernel lets it run elsewhere when the last of them goes offline or leaves its cpuset, and
 * does not take that back (sched_setaffinity(2)). Uses java.* alone.
 *
 * @param own which it is there for
 * @param all which it may use
 */
record Reach(int own, BitSet all) {
  private static final String LIST = "\nCpus_allowed_list:";

  /** Of each of the processors: itself, or all of them together. */
  static Reach[] of(int[] processors, boolean together) {
    BitSet every = new BitSet();
    for (int processor : processors) {
      every.set(processor);
    }
    Reach[] reaches = new Reach[processors.length];
    for (int i = 0; i < processors.length; i++) {
      BitSet single = new BitSet();
      single.set(processors[i]);
      reaches[i] = new Reach(processors[i], together ? every : single);
    }
    return reaches;
  }

  /**
   * Whether a thread of this process may run on its own processor, and on none that it may not use.
   */
  boolean holds(String thread) throws IOException {
    BitSet allowed = allowed(Path.of("/proc/self/task", thread, "status"));
    boolean there = allowed.get(own);
    allowed.andNot(all);
    return there && allowed.isEmpty();
  }

  private static BitSet allowed(Path status) throws IOException {
    String text = new String(Files.readAllBytes(status), StandardCharsets.UTF_8);
    int from = text.indexOf(LIST) + LIST.length();
    BitSet allowed = new BitSet();
    for (String part : text.substring(from, text.indexOf('\n', from)).strip().split(",", -1)) {
      String[] ends = part.split("-", 2);
      allowed.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1);
    }
    return allowed;
  }
}
