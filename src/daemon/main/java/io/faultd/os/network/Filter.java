package io.faultd.os.network;

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

  /**
   * Packets that are left alone: those of which all of this is so.
   *
   * @param name by which orders may give up the protection
   * @param protocol above IP; 0: any
   * @param source where they are from
   * @param destination where they go
   */
  record Spared(String name, int protocol, Side source, Side destination) {
    /** Whether packets of this kind of IP can be meant. */
    boolean possible(boolean wide) {
      return source.possible(wide) && destination.possible(wide);
    }
  }

  /** What leaves nothing of it, if anything does. */
  Optional<Spared> overruled() {
    return spared.stream()
        .filter(each -> each.protocol() == 0 || protocols.contains(each.protocol()))
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
