package io.faultd.os.network;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * Ports from one to another, both included.
 *
 * @param first the lowest
 * @param last the highest
 */
record Ports(int first, int last) {
  /** The fewest ranges that have exactly these ports, in order. */
  static List<Ports> of(Collection<Integer> ports) {
    List<Ports> ranges = new ArrayList<>();
    for (int port : new TreeSet<>(ports)) {
      if (!ranges.isEmpty() && ranges.getLast().last == port - 1) {
        ranges.add(new Ports(ranges.removeLast().first, port));
      } else {
        ranges.add(new Ports(port, port));
      }
    }
    return List.copyOf(ranges);
  }

  /** Whether each port of {@code some} is in {@code all}; both as {@link #of} makes them. */
  static boolean covered(List<Ports> some, List<Ports> all) {
    return some.stream()
        .allMatch(part ->
            all.stream().anyMatch(whole -> whole.first <= part.first && part.last <= whole.last));
  }

  /** Whether a port is in both. */
  static boolean meet(List<Ports> one, List<Ports> other) {
    return one.stream()
        .anyMatch(a -> other.stream().anyMatch(b -> a.first <= b.last && b.first <= a.last));
  }

  /** All that are in one or the other, as {@link #of} makes them. */
  static List<Ports> union(List<Ports> one, List<Ports> other) {
    List<Ports> all = new ArrayList<>(one);
    all.addAll(other);
    all.sort(Comparator.comparingInt(Ports::first));
    List<Ports> ranges = new ArrayList<>();
    for (Ports each : all) {
      if (!ranges.isEmpty() && ranges.getLast().last >= each.first - 1) {
        Ports last = ranges.removeLast();
        ranges.add(new Ports(last.first, Math.max(last.last, each.last)));
      } else {
        ranges.add(each);
      }
    }
    return ranges;
  }

  @Override
  public String toString() {
    return first == last ? Integer.toString(first) : first + "-" + last;
  }
}
