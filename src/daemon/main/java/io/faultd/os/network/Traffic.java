package io.faultd.os.network;

import io.faultd.fault.FaultException;
import io.faultd.fault.Injection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which packets a fault hits, seen from the place that it works on: of a packet that goes out the
 * source is local and the destination remote; of one that comes in, the other way round.
 *
 * @param direction which way they go
 * @param interfaces by which; empty: all but lo
 * @param protocol above IP; absent: any, or TCP and UDP if ports are named
 * @param localPorts of this side; empty: any
 * @param remotePorts of the other side; empty: any
 * @param excludedPorts of neither side
 * @param remotes addresses of the other side; empty: any
 * @param excluded addresses of neither side
 * @param protection what is left alone besides
 */
record Traffic(
    Direction direction,
    List<String> interfaces,
    @Nullable Protocol protocol,
    List<Ports> localPorts,
    List<Ports> remotePorts,
    List<Ports> excludedPorts,
    List<Prefix> remotes,
    List<Prefix> excluded,
    Protection protection) {

  /**
   * What the flags mean in the place of an injection.
   *
   * @throws FaultException naming the flag, if no packet could ever match
   */
  static Traffic of(TrafficFlags flags, Injection on) throws IOException {
    Traffic traffic =
        new Traffic(
            Direction.of(flags.direction()),
            Matchers.interfaces(flags.interfaceName(), on.target().network()),
            Matchers.protocol(flags.protocol()),
            Ports.of(flags.localPort()),
            Ports.of(flags.remotePort()),
            Ports.of(flags.excludePort()),
            Matchers.prefixes("destination-ip", flags.destinationIp()),
            Matchers.prefixes("exclude-ip", flags.excludeIp()),
            Protection.of(on));
    traffic.check();
    Protection.check(traffic.filters());
    Programs.warn(traffic.filters(), on);
    if (flags.force()) {
      on.warn("force: ignored, nothing of others has to be taken away");
    }
    if (flags.ignorePeerPort()) {
      on.warn("ignore-peer-port: ignored, connections of excluded ports are left alone as a whole");
    }
    return traffic;
  }

  private void check() {
    Matchers.portsHaveProtocol("local-port", localPorts, protocol);
    Matchers.portsHaveProtocol("remote-port", remotePorts, protocol);
    Matchers.portsLeft("local-port", localPorts, excludedPorts);
    Matchers.portsLeft("remote-port", remotePorts, excludedPorts);
    Matchers.addressesLeft("destination-ip", remotes, excluded);
    Matchers.anythingLeft(excludedPorts, excluded, protocol);
    Matchers.loopback("destination-ip", remotes, interfaces);
  }

  /** What to look for in packets, for each way that they go. */
  List<Filter> filters() {
    List<Filter> filters = new ArrayList<>();
    boolean ports = !localPorts.isEmpty() || !remotePorts.isEmpty();
    for (Direction each : direction.each()) {
      boolean out = each == Direction.OUT;
      filters.add(
          new Filter(
              each,
              interfaces,
              Matchers.numbers(protocol, ports),
              new Filter.Side(out ? List.of() : remotes, out ? localPorts : remotePorts),
              new Filter.Side(out ? remotes : List.of(), out ? remotePorts : localPorts),
              new Filter.Side(excluded, excludedPorts),
              protection.spared(each, interfaces)));
    }
    return filters;
  }

  /** In a few words, for people. */
  String describe() {
    StringBuilder text = new StringBuilder("packets going ").append(direction);
    text.append(interfaces.isEmpty() ? "" : " by " + String.join(", ", interfaces));
    text.append(protocol == null ? "" : ", " + protocol);
    part(text, "local port", localPorts);
    part(text, "remote port", remotePorts);
    part(text, "remote address", remotes);
    part(text, "not port", excludedPorts);
    part(text, "not address", excluded);
    return text.toString();
  }

  static void part(StringBuilder text, String what, List<?> values) {
    if (!values.isEmpty()) {
      List<String> some = values.stream().limit(4).map(Object::toString).toList();
      text.append(", ").append(what).append(' ').append(String.join(",", some));
      text.append(values.size() > some.size() ? ",..." : "");
    }
  }
}
