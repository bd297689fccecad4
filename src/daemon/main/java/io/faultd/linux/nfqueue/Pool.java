package io.faultd.linux.nfqueue;

import io.faultd.linux.LinuxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Places of one size that are used again and again; grows by whole blocks, to a limit. */
final class Pool implements AutoCloseable {
  /** When there is no place. */
  static final int FULL = -1;

  private static final int BLOCK = 1 << 20;
  private static final int FIRST = 64;

  private final int place;
  private final int perBlock;
  private final int most;
  private final List<Region> blocks = new ArrayList<>();
  private int[] free = new int[FIRST];
  private int freed;
  private int used;

  /**
   * No place in use yet.
   *
   * @param place how many bytes each has; a power of 2, at most 2^20
   * @param most how many there are
   */
  Pool(int place, int most) {
    this.place = place;
    this.perBlock = BLOCK / place;
    this.most = most;
  }

  /** A place that is not in use, or {@link #FULL}. */
  int take() {
    if (freed > 0) {
      return free[--freed];
    }
    if (used == most || used / perBlock == blocks.size() && !grown()) {
      return FULL;
    }
    return used++;
  }

  private boolean grown() {
    try {
      return blocks.add(Region.of(BLOCK));
    } catch (LinuxException noMemory) {
      return false;
    }
  }

  /** Gives a place back. */
  void give(int number) {
    if (freed == free.length) {
      free = Arrays.copyOf(free, 2 * freed);
    }
    free[freed++] = number;
  }

  /** The block that a place is in. */
  Region block(int number) {
    return blocks.get(number / perBlock);
  }

  /** Where in its block a place begins. */
  int offset(int number) {
    return number % perBlock * place;
  }

  @Override
  public void close() {
    blocks.forEach(Region::close);
  }
}
