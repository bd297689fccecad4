package io.faultd.linux.net;

import io.faultd.linux.Errno;
import io.faultd.linux.netlink.Answer;
import io.faultd.linux.netlink.Attributes;
import io.faultd.linux.netlink.Batch;
import io.faultd.linux.netlink.Message;
import io.faultd.linux.netlink.Netlink;
import io.faultd.linux.netlink.NetlinkException;
import io.faultd.linux.netlink.Protocol;
import io.faultd.linux.ns.Network;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

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
  private static final int IFNAMSIZ = 16;
  private static final int IFLA_EXT_MASK = 29;
  private static final int RTEXT_FILTER_SKIP_STATS = 8;
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
    try (Netlink netlink = Netlink.open(Protocol.ROUTE, network)) {
      return netlink
          .dump(Netlink.asking("list interfaces", RTM_GETLINK, m -> asking(m, 0)))
          .stream()
          .map(Link::of)
          .toList();
    }
  }

  /** One of a network namespace; empty if it has none of this number. */
  public static Optional<Link> of(Network network, int index) throws IOException {
    Batch batch = new Batch();
    asking(batch.message("look at interface " + index, RTM_GETLINK, 0), index);
    return one(network, batch);
  }

  /** One of a network namespace; empty if it has none of this name. */
  public static Optional<Link> named(Network network, String name) throws IOException {
    if (name.isEmpty() || name.getBytes(StandardCharsets.UTF_8).length >= IFNAMSIZ) {
      return Optional.empty(); // the kernel would say that the request is wrong
    }
    Batch batch = new Batch();
    Message message = batch.message("look at interface " + name, RTM_GETLINK, 0);
    asking(message, 0).text(IFLA_IFNAME, name);
    return one(network, batch);
  }

  private static Optional<Link> one(Network network, Batch batch) throws IOException {
    try (Netlink netlink = Netlink.open(Protocol.ROUTE, network)) {
      return netlink.send(batch).stream().map(Link::of).findFirst();
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
        (int) attributes.u32(IFLA_TXQLEN));
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
