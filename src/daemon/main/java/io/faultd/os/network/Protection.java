package io.faultd.os.network;

import io.faultd.fault.Aim;
import io.faultd.fault.FaultException;
import io.faultd.fault.Injection;
import io.faultd.fault.Reason;
import io.faultd.linux.ns.Network;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Traffic that is left alone, so that the node stays reachable and the experiment can be ended: as
 * the settings say, but for what the order gives up.
 *
 * <p>Only the daemon's own network is protected; a container's may be cut off altogether.
 *
 * @param rules what it is
 */
record Protection(List<Rule> rules) {
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final Filter.Side ANY = new Filter.Side(List.of(), List.of());

  /**
   * Packets between two sides, whichever way they go.
   *
   * @param name as settings and orders name it
   * @param protocol 0: any
   * @param near this side
   * @param far the other side
   */
  record Rule(String name, int protocol, Filter.Side near, Filter.Side far) {
    /** As it is seen from the other side. */
    private Rule turned() {
      return new Rule(name, protocol, far, near);
    }

    private Filter.Spared spared(boolean out, boolean loopback) {
      return new Filter.Spared(name, protocol, out ? near : far, out ? far : near, loopback);
    }
  }

  /** What is left alone by an injection. */
  static Protection of(Injection on) throws IOException {
    List<Rule> rules = new ArrayList<>();
    if (own(on.target().network())) {
      for (Rule each : all(System.getenv("KUBERNETES_SERVICE_HOST"))) {
        if (on.guarded(new Aim("traffic", each.name(), each.name())).isPresent()) {
          rules.add(each);
        }
      }
    }
    return new Protection(List.copyOf(rules));
  }

  private static boolean own(String path) throws IOException {
    if (path.equals(Network.OWN)) {
      return true;
    }
    try (Network place = Network.open(path);
        Network own = Network.open(Network.OWN)) {
      return place.is(own.identity());
    }
  }

  private static List<Rule> all(@Nullable String apiServer) throws IOException {
    List<Rule> rules = new ArrayList<>();
    Reached reached = Reached.now();
    Set<Integer> served = reached.own();
    if (!served.isEmpty()) {
      rules.add(new Rule("api", TCP, ports(served), ANY));
    }
    Set<Integer> ssh = new TreeSet<>(reached.ssh());
    ssh.add(22);
    rules.add(new Rule("ssh", TCP, ports(ssh), ANY));
    rules.add(new Rule("kubelet", TCP, ports(Set.of(10_250)), ANY));
    rules.add(new Rule("kubernetes", TCP, ports(Set.of(6_443)), ANY));
    rules.add(new Rule("kubernetes", TCP, ANY, ports(Set.of(6_443))));
    address(apiServer)
        .ifPresent(each -> {
          List<Ports> https = Ports.of(Set.of(443, 6_443));
          rules.add(new Rule("kubernetes", TCP, ANY, new Filter.Side(List.of(each), https)));
        });
    reached.apiServers().forEach(each -> rules.add(apiServer(each)));
    rules.add(new Rule("dhcp", UDP, ports(Set.of(68)), ports(Set.of(67))));
    rules.add(new Rule("dhcp", UDP, ports(Set.of(546)), ports(Set.of(547))));
    List<Prefix> metadata = List.of(Prefix.parse("169.254.169.254"), Prefix.parse("fd00:ec2::254"));
    rules.add(new Rule("metadata", 0, ANY, new Filter.Side(metadata, List.of())));
    return rules;
  }

  private static Rule apiServer(InetSocketAddress far) {
    Prefix address = Prefix.parse(far.getAddress().getHostAddress().replaceFirst("%.*", ""));
    Filter.Side side = new Filter.Side(List.of(address), Ports.of(Set.of(far.getPort())));
    return new Rule("kubernetes", TCP, ANY, side);
  }

  private static Filter.Side ports(Set<Integer> ports) {
    return new Filter.Side(List.of(), Ports.of(ports));
  }

  private static Optional<Prefix> address(@Nullable String apiServer) {
    try {
      return apiServer == null ? Optional.empty() : Optional.of(Prefix.parse(apiServer));
    } catch (IllegalArgumentException name) {
      return Optional.empty(); // Kubernetes sets an address
    }
  }

  /**
   * What of the packets that go one way is left alone. By lo, at whatever address of the node's own
   * they are aimed, both sides of a connection are here: what a client sends goes out there, too,
   * and what it is answered comes in.
   *
   * @param interfaces by which they go; empty: all but lo
   */
  List<Filter.Spared> spared(Direction direction, List<String> interfaces) {
    boolean out = direction == Direction.OUT;
    List<Filter.Spared> spared = new ArrayList<>();
    for (Rule each : rules) {
      spared.add(each.spared(out, false));
    }
    for (Rule each : interfaces.contains(Filter.LOOPBACK) ? rules : List.<Rule>of()) {
      if (!rules.contains(each.turned())) {
        spared.add(each.turned().spared(out, true));
      }
    }
    return spared;
  }

  /**
   * Refuses what asks for nothing but what is left alone.
   *
   * @throws FaultException FORBIDDEN
   */
  static void check(List<Filter> filters) {
    if (filters.stream().allMatch(each -> each.overruled().isPresent())) {
      String name = filters.getFirst().overruled().orElseThrow().name();
      throw new FaultException(
          Reason.FORBIDDEN,
          Reason.FORBIDDEN.code(),
          "allow-protected",
          "this is traffic that is protected (%s); name it in allow-protected to hit it all the same"
              .formatted(name));
    }
  }
}
