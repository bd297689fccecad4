package io.faultd.linux.net;

import io.faultd.linux.Errno;
import io.faultd.linux.netlink.Answer;
import io.faultd.linux.netlink.Attributes;
import io.faultd.linux.netlink.Batch;
import io.faultd.linux.netlink.Message;
import io.faultd.linux.netlink.Netlink;
import io.faultd.linux.netlink.NetlinkException;
import io.faultd.linux.ns.Network;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A network interface.
 *
 * @param index its number in its network namespace
 * @param name as people call it
 * @param mtu the largest packet that it takes whole, in bytes
 * @param up whether it is switched on
 * @param loopback whether it leads back to where it comes from
 * @param queueLength how many packets a queue of it holds unless it says so itself
 * @param stacking where it is among others
 * @param xdp whether a program sees what comes in before the kernel has made packets of it
 */
public record Link(
    int index,
    String name,
    int mtu,
    boolean up,
    boolean loopback,
    int queueLength,
    Stacking stacking,
    boolean xdp) {
  /** What the kernel makes of 0 where a queue is put on (DEFAULT_TX_QUEUE_LEN of pkt_sched.h). */
  public static final int KERNELS_LENGTH = 1000;

  private static final int RTM_GETLINK = 18;
  private static final int RTM_SETLINK = 19;
  private static final int IFLA_TXQLEN = 13;
  private static final int HEADER = 16;
  private static final int IFLA_IFNAME = 3;
  private static final int IFLA_MTU = 4;
  private static final int IFNAMSIZ = 16;
  private static final int IFLA_EXT_MASK = 29;
  private static final int RTEXT_FILTER_SKIP_STATS = 8;
  private static final int IFLA_LINK = 5;
  private static final int IFLA_MASTER = 10;
  private static final int IFLA_LINKINFO = 18;
  private static final int IFLA_INFO_KIND = 1;
  private static final int IFLA_INFO_DATA = 2;
  private static final int IFLA_VLAN_FLAGS = 2;
  private static final int VLAN_FLAG_REORDER_HDR = 1;
  private static final int IFLA_LINK_NETNSID = 37;
  private static final int IFLA_XDP = 43;
  private static final int IFLA_XDP_ATTACHED = 2;
  private static final String VLAN = "vlan";

  /**
   * What they send goes on by the interface below as it is. Of veth the other end is told in the
   * same way; what tunnels and macsec send looks different below.
   */
  private static final Set<String> PASSING = Set.of(VLAN, "macvlan", "macvtap", "ipvlan", "ipvtap");

  private static final int IFF_UP = 1;
  private static final int IFF_LOOPBACK = 8;

  /**
   * How an interface hangs together with others of its network namespace.
   *
   * @param upper the index of one that sends its packets by this one, as a bridge or bond does by
   *     its ports; 0: none
   * @param lower the index of the one by which this one's packets go on; 0: none
   * @param vlan whether it puts a tag on them
   */
  public record Stacking(int upper, int lower, boolean vlan) {}

  /**
   * Of some interfaces, those at which their packets are seen last, and each once: without those
   * that send by another one of them.
   */
  public static List<Link> lowest(List<Link> links) {
    return new Stacked(links).lowest();
  }

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
    try (Netlink routes = Netlink.routes(network)) {
      return all(routes);
    }
  }

  /** All of a network namespace, through a socket of it, by index. */
  public static List<Link> all(Netlink routes) throws IOException {
    return routes.dump(Netlink.asking("list interfaces", RTM_GETLINK, m -> asking(m, 0))).stream()
        .map(Link::of)
        .toList();
  }

  /** One of the network namespace of a socket; empty if it has none of this number. */
  public static Optional<Link> of(Netlink routes, int index) throws IOException {
    Batch batch = new Batch();
    asking(batch.message("look at interface " + index, RTM_GETLINK, 0), index);
    return one(routes, batch);
  }

  /** One of a network namespace; empty if it has none of this name. */
  public static Optional<Link> named(Network network, String name) throws IOException {
    try (Netlink routes = Netlink.routes(network)) {
      return named(routes, name);
    }
  }

  /** The same through a socket of the namespace. */
  public static Optional<Link> named(Netlink routes, String name) throws IOException {
    if (name.isEmpty() || name.getBytes(StandardCharsets.UTF_8).length >= IFNAMSIZ) {
      return Optional.empty(); // the kernel would say that the request is wrong
    }
    Batch batch = new Batch();
    Message message = batch.message("look at interface " + name, RTM_GETLINK, 0);
    asking(message, 0).text(IFLA_IFNAME, name);
    return one(routes, batch);
  }

  private static Optional<Link> one(Netlink routes, Batch batch) throws IOException {
    try {
      return routes.send(batch).stream().map(Link::of).findFirst();
    } catch (NetlinkException e) {
      if (e.is(Errno.ENODEV)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static Message asking(Message message, int index) {
    return message
        .put32(0)
        .put32(index)
        .put32(0)
        .put32(0)
        .u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  }

  private static Link of(Answer answer) {
    Attributes attributes = answer.attributes(HEADER);
    int flags = answer.header().getInt(8);
    return new Link(
        answer.header().getInt(4),
        attributes.text(IFLA_IFNAME),
        (int) attributes.u32(IFLA_MTU),
        (flags & IFF_UP) != 0,
        (flags & IFF_LOOPBACK) != 0,
        (int) attributes.u32(IFLA_TXQLEN),
        stacking(attributes),
        inside(attributes, IFLA_XDP)
            .find(IFLA_XDP_ATTACHED)
            .filter(mode -> mode[0] != 0) // XDP_ATTACHED_NONE
            .isPresent());
  }

  private static Stacking stacking(Attributes attributes) {
    int upper = attributes.has(IFLA_MASTER) ? (int) attributes.u32(IFLA_MASTER) : 0;
    Attributes info = inside(attributes, IFLA_LINKINFO);
    String kind = info.has(IFLA_INFO_KIND) ? info.text(IFLA_INFO_KIND) : "";
    boolean below = attributes.has(IFLA_LINK) && !attributes.has(IFLA_LINK_NETNSID);
    if (!below || !PASSING.contains(kind) || kind.equals(VLAN) && writesTag(info)) {
      return new Stacking(upper, 0, false);
    }
    return new Stacking(upper, (int) attributes.u32(IFLA_LINK), kind.equals(VLAN));
  }

  /** Whether the tag is in the bytes of what it sends (reorder_hdr off), and not beside them. */
  private static boolean writesTag(Attributes info) {
    Attributes data = inside(info, IFLA_INFO_DATA);
    return data.has(IFLA_VLAN_FLAGS)
        && (data.buffer(IFLA_VLAN_FLAGS, 8).getInt(0) & VLAN_FLAG_REORDER_HDR) == 0;
  }

  private static Attributes inside(Attributes attributes, int type) {
    return Attributes.of(attributes.find(type).orElse(new byte[0]), 0);
  }

  /** Tells it another {@link #queueLength}. */
  public static void queueLength(Netlink routes, int index, int packets) throws IOException {
    Batch batch = new Batch();
    batch
        .message("set the queue length of an interface", RTM_SETLINK, 0)
        .put32(0)
        .put32(index)
        .put32(0)
        .put32(0)
        .u32(IFLA_TXQLEN, packets);
    routes.send(batch);
  }
}
