package io.faultd.linux.net;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Interfaces that send by each other. */
final class Stacked {
  private final List<Link> links;

  /** Whether an interface, by its index, is one of the lowest. */
  private final Map<Integer, Boolean> known = new HashMap<>();

  Stacked(List<Link> links) {
    this.links = links;
  }

  /** Those at which packets are seen last: of each packet, one on its way down. */
  List<Link> lowest() {
    return links.stream().filter(this::isLowest).toList();
  }

  private boolean isLowest(Link link) {
    Boolean before = known.putIfAbsent(link.index(), true);
    if (before != null) {
      return before;
    }
    boolean lowest = !seenBelow(link, 0);
    known.put(link.index(), lowest);
    return lowest;
  }

  /**
   * Whether what goes out by an interface is seen again at one of the lowest.
   *
   * @param tags that it has already
   */
  private boolean seenBelow(Link link, int tags) {
    int more = tags + (link.stacking().vlan() ? 1 : 0);
    // with two tags a packet looks different: one of them is in its bytes
    return more < 2
        && links.stream()
            .filter(other -> sends(link, other))
            .anyMatch(other -> isLowest(other) || seenBelow(other, more));
  }

  private static boolean sends(Link link, Link by) {
    return by.stacking().upper() == link.index() || link.stacking().lower() == by.index();
  }
}
