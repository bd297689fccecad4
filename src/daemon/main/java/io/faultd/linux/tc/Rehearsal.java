package io.faultd.linux.tc;

import io.faultd.linux.netlink.Answer;
import io.faultd.linux.netlink.Attributes;
import io.faultd.linux.netlink.Batch;
import io.faultd.linux.netlink.Message;
import io.faultd.linux.netlink.Netlink;
import io.faultd.linux.netlink.NetlinkException;
import io.faultd.linux.netlink.Protocol;
import io.faultd.linux.ns.Network;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Tries out whether a tree can be made again: on an interface like the real one, in a network
 * namespace of its own that ends with the trial.
 */
public final class Rehearsal {
  private static final int RTM_NEWLINK = 16;
  private static final int RTM_GETLINK = 18;
  private static final int IFINFO = 16;
  private static final int IFLA_IFNAME = 3;
  private static final int IFLA_MTU = 4;
  private static final int IFLA_TXQLEN = 13;
  private static final int IFLA_LINKINFO = 18;
  private static final int IFLA_NUM_TX_QUEUES = 31;
  private static final String NAME = "rehearsal";

  private Rehearsal() {}

  /**
   * How a tree can be made again just as it is.
   *
   * @param obstacle why it cannot; empty if it can
   * @param backwards whether its parts must be made from the last to the first, since the kernel
   *     lists them the other way round
   */
  public record Verdict(Optional<String> obstacle, boolean backwards) {}

  /**
   * Tries it out.
   *
   * @param index of the interface that the tree is on
   */
  public static Verdict of(Network network, int index, Tree tree) throws IOException {
    Verdict verdict = new Verdict(Optional.empty(), false);
    if (tree.given()) {
      return verdict;
    }
    Attributes link = link(network, index);
    for (boolean backwards : new boolean[] {false, true}) {
      try (Network scratch = Network.fresh()) {
        verdict = new Verdict(attempt(scratch, link, tree, backwards), backwards);
      }
      if (verdict.obstacle().isEmpty()) {
        return verdict;
      }
    }
    return verdict;
  }

  private static Optional<String> attempt(
      Network scratch, Attributes link, Tree tree, boolean backwards) throws IOException {
    int index = pair(scratch, link);
    try (Control control = Control.open(scratch, index)) {
      tree.restore(control, Tree.of(control), backwards);
      Tree again = Tree.of(control);
      return again.equals(tree) ? Optional.empty() : difference(tree, again);
    } catch (NetlinkException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Makes a pair of interfaces to try things on.
   *
   * @param link attributes of one that they are to be like
   * @return the index of one of them
   */
  static int pair(Network scratch, Attributes link) throws IOException {
    try (Netlink netlink = Netlink.open(Protocol.ROUTE, scratch)) {
      Batch batch = new Batch();
      like(batch, link);
      netlink.send(batch);
      return made(netlink);
    }
  }

  private static Optional<String> difference(Tree tree, Tree again) {
    for (Thing each : tree.things()) {
      if (!again.things().contains(each)) {
        return Optional.of(each.describe() + " would not come back as it is");
      }
    }
    return Optional.of("its parts would come back in another order");
  }

  private static Attributes link(Network network, int index) throws IOException {
    try (Netlink netlink = Netlink.open(Protocol.ROUTE, network)) {
      for (Answer each : links(netlink)) {
        if (each.header().getInt(4) == index) {
          return each.attributes(IFINFO);
        }
      }
    }
    throw new NetlinkException("look at interface " + index, 0, 19 /* ENODEV */, null, -1);
  }

  private static int made(Netlink netlink) throws IOException {
    for (Answer each : links(netlink)) {
      if (each.attributes(IFINFO).text(IFLA_IFNAME).equals(NAME)) {
        return each.header().getInt(4);
      }
    }
    throw new IOException("an interface that was made is not there");
  }

  private static List<Answer> links(Netlink netlink) throws IOException {
    return netlink.dump(
        Netlink.asking("list interfaces", RTM_GETLINK, m -> m.put(new byte[IFINFO])));
  }

  /** A pair of virtual Ethernet interfaces, as wide and as long as the real one. */
  private static void like(Batch batch, Attributes link) {
    Message message =
        batch.message("make an interface", RTM_NEWLINK, Batch.CREATE | Batch.EXCLUSIVE);
    message.put(new byte[IFINFO]).text(IFLA_IFNAME, NAME);
    if (link.has(IFLA_MTU) && link.u32(IFLA_MTU) <= 65_535) {
      message.u32(IFLA_MTU, link.u32(IFLA_MTU));
    }
    if (link.has(IFLA_TXQLEN)) {
      message.u32(IFLA_TXQLEN, link.u32(IFLA_TXQLEN));
    }
    if (link.has(IFLA_NUM_TX_QUEUES)) {
      message.u32(IFLA_NUM_TX_QUEUES, link.u32(IFLA_NUM_TX_QUEUES));
    }
    message.plainNest(IFLA_LINKINFO, info -> info.text(1, "veth"));
  }
}
