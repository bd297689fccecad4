package io.faultd.os.network;

import io.faultd.fault.FaultException;
import io.faultd.linux.net.Link;
import io.faultd.linux.netlink.Netlink;
import io.faultd.linux.ns.Network;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the flags that say which packets, and refuses what could never match. */
final class Matchers {
  private Matchers() {}

  /** The addresses of a flag. */
  static List<Prefix> prefixes(String flag, List<String> texts) {
    List<Prefix> prefixes = new ArrayList<>();
    for (String text : texts) {
      try {
        prefixes.add(Prefix.parse(text.strip()));
      } catch (IllegalArgumentException e) {
        throw FaultException.illegal(flag, String.valueOf(e.getMessage()));
      }
    }
    return List.copyOf(prefixes);
  }

  /** The protocol of the flag protocol, if it is there. */
  static @Nullable Protocol protocol(@Nullable String flag) {
    return flag == null ? null : Protocol.of(flag);
  }

  /**
   * The numbers of the protocols that are meant: those that have ports, if ports are asked for.
   *
   * @return empty: all
   */
  static List<Integer> numbers(@Nullable Protocol protocol, boolean ports) {
    if (protocol != null) {
      return protocol.numbers();
    }
    return ports
        ? List.of(Protocol.TCP.numbers().getFirst(), Protocol.UDP.numbers().getFirst())
        : List.of();
  }

  /** The interfaces of a flag, each of which must be in the network; empty: all but lo. */
  static List<String> interfaces(List<String> names, String network) throws IOException {
    if (names.isEmpty()) {
      return List.of();
    }
    Set<String> found = new LinkedHashSet<>();
    try (Network place = Network.open(network);
        Netlink routes = Netlink.routes(place)) {
      for (String name : names) {
        Optional<Link> link = Link.named(routes, name);
        if (link.isEmpty()) {
          List<String> there = Link.all(routes).stream().map(Link::name).toList();
          throw FaultException.illegal(
              "interface",
              "there is no interface %s here; there are %s"
                  .formatted(name, String.join(", ", there)));
        }
        found.add(link.get().name()); // asked for by another name, which rules do not know
      }
    }
    return List.copyOf(found);
  }

  /** Ports of something that has none. */
  static void portsHaveProtocol(String flag, List<Ports> ports, @Nullable Protocol protocol) {
    if (!ports.isEmpty() && protocol != null && !protocol.hasPorts()) {
      throw FaultException.illegal(
          flag, "%s has no ports; leave out one of %s and protocol".formatted(protocol, flag));
    }
  }

  /** Ports that are all excluded. */
  static void portsLeft(String flag, List<Ports> ports, List<Ports> excluded) {
    if (!ports.isEmpty() && Ports.covered(ports, excluded)) {
      throw FaultException.illegal(
          flag, "exclude-port leaves nothing of it; no packet could ever be hit");
    }
  }

  /** Addresses that are all excluded. */
  static void addressesLeft(String flag, List<Prefix> addresses, List<Prefix> excluded) {
    if (!addresses.isEmpty() && Prefix.covered(addresses, excluded)) {
      throw FaultException.illegal(
          flag, "exclude-ip leaves nothing of it; no packet could ever be hit");
    }
  }

  /** Excludes that leave nothing at all. */
  static void anythingLeft(List<Ports> ports, List<Prefix> addresses, @Nullable Protocol protocol) {
    if (addresses.stream().anyMatch(each -> each.bits() == 0 && !each.wide())
        && addresses.stream().anyMatch(each -> each.bits() == 0 && each.wide())) {
      throw FaultException.illegal("exclude-ip", "excludes every address there is");
    }
    boolean ported = protocol != null && protocol.hasPorts();
    if (ported && Ports.covered(List.of(new Ports(1, 65_535)), ports)) {
      throw FaultException.illegal("exclude-port", "excludes every port there is");
    }
  }

  /** The node's own addresses are reached over lo, whatever other interface has them. */
  static void loopback(String flag, List<Prefix> addresses, List<String> interfaces) {
    List<Prefix> own = List.of(Prefix.parse("127.0.0.0/8"), Prefix.parse("::1"));
    if (!addresses.isEmpty()
        && !interfaces.contains("lo")
        && addresses.stream().allMatch(each -> own.stream().anyMatch(o -> o.contains(each)))) {
      throw FaultException.illegal(
          flag,
          "%s is reached over lo, which is left out unless interface names it"
              .formatted(addresses.getFirst()));
    }
  }
}
