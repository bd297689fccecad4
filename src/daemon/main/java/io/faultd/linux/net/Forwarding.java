package io.faultd.linux.net;

import io.faultd.linux.Errno;
import io.faultd.linux.netlink.Answer;
import io.faultd.linux.netlink.Batch;
import io.faultd.linux.netlink.Netlink;
import io.faultd.linux.netlink.NetlinkException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Whether a network namespace passes on packets of others, as a router does. */
public final class Forwarding {
  /** See linux/rtnetlink.h and linux/netconf.h. */
  private static final int RTM_GETNETCONF = 82;

  private static final int NETCONFA_IFINDEX = 1;
  private static final int NETCONFA_FORWARDING = 2;
  private static final int ALL = -1;

  private Forwarding() {}

  /**
   * A kind of packets.
   *
   * @param family of bits/socket.h
   * @param setting as sysctl(8) calls it
   */
  private record Kind(int family, String setting) {}

  private static final List<Kind> KINDS =
      List.of(new Kind(2, "net.ipv4.ip_forward"), new Kind(10, "net.ipv6.conf.all.forwarding"));

  /**
   * The settings that are on, as sysctl(8) calls them; none if it is no router.
   *
   * @param routes a socket of the namespace
   */
  public static List<String> on(Netlink routes) throws IOException {
    List<String> on = new ArrayList<>();
    for (Kind each : KINDS) {
      if (on(routes, each)) {
        on.add(each.setting);
      }
    }
    return on;
  }

  private static boolean on(Netlink routes, Kind kind) throws IOException {
    Batch batch = new Batch();
    batch
        .message("look at " + kind.setting, RTM_GETNETCONF, 0)
        .put(new byte[] {(byte) kind.family, 0, 0, 0})
        .u32(NETCONFA_IFINDEX, ALL);
    try {
      for (Answer answer : routes.send(batch)) {
        if (answer.attributes(4).u32(NETCONFA_FORWARDING) != 0) {
          return true;
        }
      }
      return false;
    } catch (NetlinkException e) {
      if (e.is(Errno.EOPNOTSUPP, Errno.EAFNOSUPPORT)) {
        return false; // a kernel without IPv6
      }
      throw e;
    }
  }
}
