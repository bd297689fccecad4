package io.faultd.os.network;

import io.faultd.fault.FaultException;
import io.faultd.fault.Injection;
import io.faultd.linux.net.Link;
import io.faultd.linux.netlink.Netlink;
import io.faultd.linux.ns.Network;
import io.faultd.linux.tc.Foreign;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Programs of others (eBPF) on interfaces, which see packets before a fault does. */
final class Programs {
  private static final int NAMED = 4;

  private Programs() {}

  /**
   * Refuses interfaces of which packets may go elsewhere before they come to the queue.
   *
   * @throws FaultException UNSUPPORTED
   */
  static void refuse(Network network, Netlink routes, List<Link> links, Injection on)
      throws IOException {
    Foreign.Finding found = Foreign.on(network, routes, links, Foreign.Way.OUT);
    if (!found.programs().isEmpty()) {
      throw FaultException.unsupported(
          "interface",
          found.programs().getFirst()
              + ", which sees packets before its queue and may send them elsewhere");
    }
    unknown(found, on);
  }

  /**
   * Warns of those that see packets before rules do, for those that come in: none of these would be
   * hit that it throws away or sends elsewhere, but who gets what is left would feel the fault.
   *
   * @param filters of the fault, for each way
   */
  static void warn(List<Filter> filters, Injection on) throws IOException {
    for (Filter filter : filters) {
      if (filter.direction() == Direction.IN) {
        try (Network network = Network.open(on.target().network());
            Netlink routes = Netlink.routes(network)) {
          List<Link> links = links(routes, filter.interfaces());
          warn(Foreign.on(network, routes, links, Foreign.Way.IN), on);
        }
      }
    }
  }

  private static void warn(Foreign.Finding found, Injection on) {
    List<String> programs = found.programs();
    if (!programs.isEmpty()) {
      String more =
          programs.size() > NAMED ? ", and %d more".formatted(programs.size() - NAMED) : "";
      on.warn(
          String.join(", ", programs.subList(0, Math.min(NAMED, programs.size())))
              + more
              + ": what such a program throws away or sends elsewhere as it comes in is not hit");
    }
    unknown(found, on);
  }

  private static void unknown(Foreign.Finding found, Injection on) {
    found
        .unknown()
        .ifPresent(why ->
            on.warn(
                "whether programs (tcx) see packets first, and send them elsewhere, is not known: "
                    + why));
  }

  private static List<Link> links(Netlink routes, List<String> names) throws IOException {
    if (names.isEmpty()) {
      return Link.all(routes).stream().filter(link -> !link.loopback() && link.up()).toList();
    }
    List<Link> links = new ArrayList<>();
    for (String name : names) {
      Link.named(routes, name).ifPresent(links::add);
    }
    return links;
  }
}
