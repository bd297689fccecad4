package io.faultd.crash;

import io.faultd.testing.Cable;
import java.util.ArrayList;
import java.util.List;

/**
 * Datagrams between two sockets, one on either side of a cable, that go one way.
 *
 * @param out whether they leave this side
 * @param wide whether they are IPv6
 * @param pair which of the pairs of sockets
 */
record Flow(boolean out, boolean wide, int pair) {
  /** So many pairs of sockets. */
  static final int PAIRS = 4;

  private static final int LOCAL = 6001;
  private static final int REMOTE = 7001;

  /** All of them; the place in this list is a flow's number. */
  static final List<Flow> ALL = all();

  private static List<Flow> all() {
    List<Flow> all = new ArrayList<>();
    for (int pair = 0; pair < PAIRS; pair++) {
      for (boolean wide : new boolean[] {false, true}) {
        all.add(new Flow(true, wide, pair));
        all.add(new Flow(false, wide, pair));
      }
    }
    return List.copyOf(all);
  }

  static int localPort(int pair) {
    return LOCAL + pair;
  }

  static int remotePort(int pair) {
    return REMOTE + pair;
  }

  /** What is in each of its datagrams. */
  static String text(int pair) {
    return "pair-" + pair;
  }

  int sourcePort() {
    return out ? localPort(pair) : remotePort(pair);
  }

  int destinationPort() {
    return out ? remotePort(pair) : localPort(pair);
  }

  private String near() {
    return wide ? Cable.NEAR_6 : Cable.NEAR;
  }

  private String far() {
    return wide ? Cable.FAR_6 : Cable.FAR;
  }

  String destination() {
    return out ? far() : near();
  }

  /** Without what its datagrams carry: UDP, IP and Ethernet. */
  int headers() {
    return 8 + (wide ? 40 : 20) + 14;
  }
}
