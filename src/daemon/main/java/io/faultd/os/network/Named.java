package io.faultd.os.network;

import io.faultd.linux.net.Link;
import io.faultd.linux.netlink.Netlink;
import io.faultd.linux.ns.Network;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The interfaces that an order names, of which rules know the names alone: one that is made anew
 * under the same name is another one.
 */
final class Named implements AutoCloseable {
  private final Map<String, Integer> indexes = new LinkedHashMap<>();
  private final @Nullable Netlink routes;

  private Named(@Nullable Netlink routes) {
    this.routes = routes;
  }

  /**
   * As they are now.
   *
   * @param network the nsfs file of the namespace
   * @param names which are there; none: it is not asked for any
   */
  static Named of(String network, List<String> names) throws IOException {
    if (names.isEmpty()) {
      return new Named(null);
    }
    Named named;
    try (Network held = Network.open(network)) {
      named = new Named(Netlink.routes(held));
    }
    boolean ready = false;
    try {
      for (String name : names) {
        named.indexes.put(name, named.index(name));
      }
      ready = true;
      return named;
    } finally {
      if (!ready) {
        named.close();
      }
    }
  }

  private int index(String name) throws IOException {
    return routes == null ? 0 : Link.named(routes, name).map(Link::index).orElse(0);
  }

  /** Those that are no more, or have other names by now. */
  List<String> missing() throws IOException {
    Netlink asked = routes;
    if (asked == null) {
      return List.of();
    }
    List<String> missing = new ArrayList<>();
    for (Map.Entry<String, Integer> each : indexes.entrySet()) {
      Optional<Link> link = Link.of(asked, each.getValue());
      if (link.filter(there -> there.name().equals(each.getKey())).isEmpty()) {
        missing.add(each.getKey());
      }
    }
    return missing;
  }

  /** Whether these are all of them. */
  boolean all(List<String> missing) {
    return !missing.isEmpty() && missing.size() == indexes.size();
  }

  @Override
  public void close() {
    if (routes != null) {
      routes.close();
    }
  }
}
