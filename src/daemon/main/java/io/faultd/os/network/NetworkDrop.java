package io.faultd.os.network;

import io.faultd.fault.Aim;
import io.faultd.fault.Fault;
import io.faultd.fault.FaultException;
import io.faultd.fault.Injection;
import io.faultd.fault.Reason;
import io.faultd.linux.nft.Expression;
import io.faultd.linux.nft.Nftables;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Drops packets, as a wire would: neither who sends them nor who would get them is told.
 *
 * <p>Source and destination are those of the packet itself, whichever way it goes.
 */
public final class NetworkDrop implements Fault<NetworkDrop.Params> {

  /**
   * The flags.
   *
   * @param sourceIp addresses that packets come from
   * @param destinationIp addresses that they go to
   * @param sourcePort ports that they come from
   * @param destinationPort ports that they go to
   * @param stringPattern bytes that occur in them
   * @param networkTraffic which way they go: in, out or both
   * @param interfaceName by which; empty: all but lo
   * @param protocol tcp, udp or icmp
   * @param excludePort ports that are on neither side
   * @param excludeIp addresses that are on neither side
   */
  public record Params(
      List<String> sourceIp,
      List<String> destinationIp,
      List<Integer> sourcePort,
      List<Integer> destinationPort,
      @Nullable String stringPattern,
      String networkTraffic,
      List<String> interfaceName,
      @Nullable String protocol,
      List<Integer> excludePort,
      List<String> excludeIp) {}

  @Override
  public void inject(Params params, Injection on) throws IOException {
    List<Filter> filters = filters(params, on);
    List<Expression> tests = pattern(params.stringPattern());
    String table = on.mark().label();
    TableHold hold = new TableHold(table);
    String what = describe(filters, params);
    on.aim(new Aim("network", on.target().network(), what));
    on.hold("nftables table " + table + ": drops " + what, hold);
    Loss loss = Loss.of(tests, 100, on);
    List<String> interfaces = filters.getFirst().interfaces();
    hold.open(on.target().network(), interfaces, FilterTable.of(table, filters, loss));
    if (hold.counts().isEmpty()) {
      throw new FaultException(Reason.INJECT_FAILED, "table " + table + " is not there");
    }
  }

  private static List<Filter> filters(Params params, Injection on) throws IOException {
    List<String> interfaces = Matchers.interfaces(params.interfaceName(), on.target().network());
    Protocol protocol = Matchers.protocol(params.protocol());
    Filter.Side source =
        new Filter.Side(
            Matchers.prefixes("source-ip", params.sourceIp()), Ports.of(params.sourcePort()));
    Filter.Side destination =
        new Filter.Side(
            Matchers.prefixes("destination-ip", params.destinationIp()),
            Ports.of(params.destinationPort()));
    Filter.Side excluded =
        new Filter.Side(
            Matchers.prefixes("exclude-ip", params.excludeIp()), Ports.of(params.excludePort()));
    check("source", source, excluded, protocol);
    check("destination", destination, excluded, protocol);
    Matchers.anythingLeft(excluded.ports(), excluded.addresses(), protocol);
    Matchers.loopback("source-ip", source.addresses(), interfaces);
    Matchers.loopback("destination-ip", destination.addresses(), interfaces);
    boolean ports = !source.ports().isEmpty() || !destination.ports().isEmpty();
    List<Integer> protocols = Matchers.numbers(protocol, ports);
    Protection protection = Protection.of(on);
    List<Filter> filters = new ArrayList<>();
    for (Direction each : Direction.of(params.networkTraffic()).each()) {
      filters.add(
          new Filter(
              each,
              interfaces,
              protocols,
              source,
              destination,
              excluded,
              protection.spared(each, interfaces)));
    }
    Protection.check(filters);
    Programs.warn(filters, on);
    if (!filters.getFirst().possible(false) && !filters.getFirst().possible(true)) {
      throw FaultException.illegal(
          "destination-ip",
          "source-ip and destination-ip have no version of IP in common; no packet has both");
    }
    return filters;
  }

  private static void check(
      String name, Filter.Side side, Filter.Side excluded, @Nullable Protocol protocol) {
    Matchers.portsHaveProtocol(name + "-port", side.ports(), protocol);
    Matchers.portsLeft(name + "-port", side.ports(), excluded.ports());
    Matchers.addressesLeft(name + "-ip", side.addresses(), excluded.addresses());
  }

  private static List<Expression> pattern(@Nullable String text) {
    if (text == null) {
      return List.of();
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > Expression.Contains.LONGEST) {
      throw FaultException.illegal(
          "string-pattern",
          "has %d bytes; at most %d".formatted(bytes.length, Expression.Contains.LONGEST));
    }
    Nftables.missingContains()
        .ifPresent(lack -> {
          throw FaultException.unsupported("string-pattern", lack);
        });
    return List.of(new Expression.Contains(bytes));
  }

  private static String describe(List<Filter> filters, Params params) {
    Filter first = filters.getFirst();
    StringBuilder text = new StringBuilder("packets going ").append(params.networkTraffic());
    text.append(first.interfaces().isEmpty() ? "" : " by " + String.join(", ", first.interfaces()));
    text.append(params.protocol() == null ? "" : ", " + params.protocol());
    Traffic.part(text, "from", first.source().addresses());
    Traffic.part(text, "from port", first.source().ports());
    Traffic.part(text, "to", first.destination().addresses());
    Traffic.part(text, "to port", first.destination().ports());
    Traffic.part(text, "not port", first.excluded().ports());
    Traffic.part(text, "not address", first.excluded().addresses());
    return text.append(params.stringPattern() == null ? "" : ", with a pattern").toString();
  }
}
