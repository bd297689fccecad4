package io.faultd.os.network;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What to look for in packets that go one way.
 *
 * @param direction in or out
 * @param interfaces by which; empty: all but lo
 * @param protocols numbers above IP; empty: any
 * @param source where they are from
 * @param destination where they go
 * @param excluded what neither side may be
 * @param spared what is left alone besides, whatever else is asked for
 */
record Filter(
    Direction direction,
    List<String> interfaces,
    List<Integer> protocols,
    Side source,
    Side destination,
    Side excluded,
    List<Spared> spared) {
  /** The interface by which a node speaks with itself. */
  static final String LOOPBACK = "lo";

  /**
   * Packets that are left alone: those of which all of this is so.
   *
   * @param name by which orders may give up the protection
   * @param protocol above IP; 0: any
   * @param source where they are from
   * @param destination where they go
   * @param loopback whether it is so only of those that go by lo
   */
  record Spared(String name, int protocol, Side source, Side destination, boolean loopback) {
    /** Whether packets of this kind of IP can be meant. */
    boolean possible(boolean wide) {
      return source.possible(wide) && destination.possible(wide);
    }

    /** Both in one, if all that they ask is a protocol and a port on one and the same side. */
    private Optional<Spared> with(Spared other) {
      boolean from = source.ported() && destination.any();
      boolean alike =
          from
              ? other.source.ported() && other.destination.any()
              : source.any()
                  && destination.ported()
                  && other.source.any()
                  && other.destination.ported();
      if (!alike || protocol != other.protocol || loopback != other.loopback) {
        return Optional.empty();
      }
      return Optional.of(
          new Spared(
              name + "-" + other.name,
              protocol,
              from ? source.ports(other.source) : source,
              from ? destination : destination.ports(other.destination),
              loopback));
    }
  }

  /**
   * What has to be let pass of the packets that match, told as shortly as it can be: of what is
   * left alone, that which can be among them.
   */
  List<Spared> passing() {
    List<Spared> passing = new ArrayList<>();
    for (Spared each : spared) {
      if (meets(each)) {
        add(passing, each);
      }
    }
    return passing;
  }

  private static void add(List<Spared> passing, Spared spared) {
    for (int i = 0; i < passing.size(); i++) {
      Optional<Spared> both = passing.get(i).with(spared);
      if (both.isPresent()) {
        passing.set(i, both.get());
        return;
      }
    }
    passing.add(spared);
  }

  private boolean meets(Spared each) {
    return (each.protocol() == 0 || canBe(each.protocol()))
        && source.meets(each.source())
        && destination.meets(each.destination());
  }

  /** Whether packets of a protocol above IP can match. */
  boolean canBe(int protocol) {
    return protocols.isEmpty() || protocols.contains(protocol);
  }

  /** What leaves nothing of it, if anything does. */
  Optional<Spared> overruled() {
    return spared.stream()
        .filter(each -> each.protocol() == 0 || protocols.contains(each.protocol()))
        .filter(each -> !each.loopback() || interfaces.equals(List.of(LOOPBACK)))
        .filter(each -> source.within(each.source()) && destination.within(each.destination()))
        .findFirst();
  }

  /**
   * One side of a packet.
   *
   * @param addresses empty: any
   * @param ports empty: any
   */
  record Side(List<Prefix> addresses, List<Ports> ports) {
    /** Whether all of it is in the other. */
    boolean within(Side other) {
      boolean addressed =
          other.addresses.isEmpty()
              || !addresses.isEmpty() && Prefix.covered(addresses, other.addresses);
      boolean ported =
          other.ports.isEmpty() || !ports.isEmpty() && Ports.covered(ports, other.ports);
      return addressed && ported;
    }

    /** Whether a packet can have what both ask for. */
    boolean meets(Side other) {
      boolean addressed =
          addresses.isEmpty()
              || other.addresses.isEmpty()
              || Prefix.meet(addresses, other.addresses);
      return addressed
          && (ports.isEmpty() || other.ports.isEmpty() || Ports.meet(ports, other.ports));
    }

    private boolean any() {
      return addresses.isEmpty() && ports.isEmpty();
    }

    private boolean ported() {
      return addresses.isEmpty() && !ports.isEmpty();
    }

    private Side ports(Side other) {
      return new Side(addresses, Ports.union(ports, other.ports));
    }

    /** Whether packets of this kind of IP can have these addresses. */
    boolean possible(boolean wide) {
      return addresses.isEmpty() || addresses.stream().anyMatch(each -> each.wide() == wide);
    }
  }

  /** Whether packets of this kind of IP can match. */
  boolean possible(boolean wide) {
    return source.possible(wide) && destination.possible(wide);
  }

  /** Whether no address is asked for. */
  boolean anyAddress() {
    return source.addresses().isEmpty() && destination.addresses().isEmpty();
  }
}
