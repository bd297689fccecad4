package io.faultd.linux.net;

import io.faultd.linux.netlink.Answer;
import io.faultd.linux.netlink.Attributes;
import io.faultd.linux.netlink.Batch;
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
 * @param queueLength how many packets a queue of it holds unless it says so itself
 */
public record Link(int index, String name, int mtu, boolean up, boolean loopback, int queueLength) {
  /** What the kernel makes of 0 where a queue is put on (DEFAULT_TX_QUEUE_LEN of pkt_sched.h). */
  public static final int KERNELS_LENGTH = 1000;

  private static final int RTM_GETLINK = 18;
  private static final int RTM_SETLINK = 19;
  private static final int IFLA_TXQLEN = 13;
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
                (flags & IFF_LOOPBACK) != 0,
                (int) attributes.u32(IFLA_TXQLEN)));
      }
    }
    return links;
  }

  /** Tells it another {@link #queueLength}. */
  public static void queueLength(Network network, int index, int packets) throws IOException {
    try (Netlink netlink = Netlink.open(Protocol.ROUTE, network)) {
      Batch batch = new Batch();
      batch
          .message("set the queue length of an interface", RTM_SETLINK, 0)
          .put32(0)
          .put32(index)
          .put32(0)
          .put32(0)
          .u32(IFLA_TXQLEN, packets);
      netlink.send(batch);
    }
  }
}
