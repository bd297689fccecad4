package io.faultd.linux.net;

import io.faultd.linux.netlink.Answer;
import io.faultd.linux.netlink.Attributes;
import io.faultd.linux.netlink.Netlink;
import io.faultd.linux.netlink.Protocol;
import io.faultd.linux.ns.Network;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A network interface.
 *
 * @param index its number in its network namespace
 * @param name as people call it
 * @param mtu the largest packet that it takes whole, in bytes
 * @param up whether it is switched on
 * @param loopback whether it leads back to where it comes from
 */
public record Link(int index, String name, int mtu, boolean up, boolean loopback) {
  private static final int RTM_GETLINK = 18;
  private static final int HEADER = 16;
  private static final int IFLA_IFNAME = 3;
  private static final int IFLA_MTU = 4;
  private static final int IFF_UP = 1;
  private static final int IFF_LOOPBACK = 8;

  /**
   * All of a network namespace, by index.
   *
   * @param network its nsfs file
   */
  public static List<Link> all(String network) throws IOException {
    try (Network held = Network.open(network)) {
      return all(held);
    }
  }

  /** All of a network namespace that is held open, by index. */
  public static List<Link> all(Network network) throws IOException {
    List<Link> links = new ArrayList<>();
    try (Netlink netlink = Netlink.open(Protocol.ROUTE, network)) {
      for (Answer answer :
          netlink.dump(
              Netlink.asking("list interfaces", RTM_GETLINK, m -> m.put(new byte[HEADER])))) {
        Attributes attributes = answer.attributes(HEADER);
        int flags = answer.header().getInt(8);
        links.add(
            new Link(
                answer.header().getInt(4),
                attributes.text(IFLA_IFNAME),
                (int) attributes.u32(IFLA_MTU),
                (flags & IFF_UP) != 0,
                (flags & IFF_LOOPBACK) != 0));
      }
    }
    return links;
  }
}
