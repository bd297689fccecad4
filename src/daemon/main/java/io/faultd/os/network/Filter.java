package io.faultd.os.network;

import java.util.List;

/**
 * What to look for in packets that go one way.
 *
 * @param direction in or out
 * @param interfaces by which; empty: all but lo
 * @param protocols numbers above IP; empty: any
 * @param source where they are from
 * @param destination where they go
 * @param excluded what neither side may be
 */
record Filter(
    Direction direction,
    List<String> interfaces,
    List<Integer> protocols,
    Side source,
    Side destination,
    Side excluded) {

  /**
   * One side of a packet.
   *
   * @param addresses empty: any
   * @param ports empty: any
   */
  record Side(List<Prefix> addresses, List<Ports> ports) {
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
