package io.faultd.linux.nfqueue;

import java.util.Arrays;

/**
 * What is due when: a heap of numbers by time, and of equal times in the order in which they came.
 * Allocates only when it grows.
 */
final class Schedule {
  private long[] times = new long[1024];
  private long[] orders = new long[1024];
  private long[] values = new long[1024];
  private int size;
  private long next;

  boolean isEmpty() {
    return size == 0;
  }

  /** How many there are. */
  int size() {
    return size;
  }

  /** When the first is due. */
  long due() {
    return times[0];
  }

  /** Adds a value. */
  void add(long time, long value) {
    if (size == times.length) {
      times = Arrays.copyOf(times, size * 2);
      orders = Arrays.copyOf(orders, size * 2);
      values = Arrays.copyOf(values, size * 2);
    }
    int at = size++;
    while (at > 0 && times[at - 1 >> 1] > time) {
      move(at - 1 >> 1, at);
      at = at - 1 >> 1;
    }
    times[at] = time;
    orders[at] = next++;
    values[at] = value;
  }

  /** Takes the first away. */
  long poll() {
    long first = values[0];
    int last = --size;
    int at = 0;
    while (true) {
      int child = 2 * at + 1;
      if (child >= last) {
        break;
      }
      if (child + 1 < last && before(child + 1, child)) {
        child++;
      }
      if (!before(child, last)) {
        break;
      }
      move(child, at);
      at = child;
    }
    move(last, at);
    return first;
  }

  private boolean before(int one, int other) {
    return times[one] < times[other] || times[one] == times[other] && orders[one] < orders[other];
  }

  private void move(int from, int to) {
    times[to] = times[from];
    orders[to] = orders[from];
    values[to] = values[from];
  }
}
