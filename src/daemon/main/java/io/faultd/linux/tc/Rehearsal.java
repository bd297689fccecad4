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
import java.util.Set;

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

  /** ARPHRD_NONE and ARPHRD_RAWIP of linux/if_arp.h. */
  private static final Set<Integer> BARE = Set.of(0xfffe, 519);

  /** Of a virtual Ethernet interface (ETH_HLEN). */
  private static final int HEADER = 14;

  /** What a virtual Ethernet interface can have as MTU (ETH_MIN_MTU, ETH_MAX_MTU). */
  private static final int SMALLEST = 68;

  private static final int LARGEST = 65_535;

  /** Where mq has the qdisc of its first queue, if it has this handle itself. */
  private static final int MQ = 1 << 16;

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
    if (tree.given() && tree.queueless()) {
      return verdict;
    }
    Model model = model(network, index);
    if (tree.given()) {
      return new Verdict(changed(model, tree), false);
    }
    for (boolean backwards : new boolean[] {false, true}) {
      try (Network scratch = Network.fresh()) {
        verdict = new Verdict(attempt(scratch, model, tree, backwards), backwards);
      }
      if (verdict.obstacle().isEmpty()) {
        return verdict;
      }
    }
    return verdict;
  }

  private static Optional<String> attempt(
      Network scratch, Model model, Tree tree, boolean backwards) throws IOException {
    int index = pair(scratch, model);
    try (Control control = Control.open(scratch, index)) {
      tree.restore(control, Tree.of(control), backwards);
      Tree again = Tree.of(control);
      return again.equals(tree) ? Optional.empty() : difference(tree, again);
    } catch (NetlinkException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Whether the kernel would now give another qdisc than the one that it gave: net.core's
   * default_qdisc, or the size of packets and queues that it takes its options from, may have
   * changed meanwhile. Told by what mq gives its queues, for a virtual interface alone is given
   * none.
   */
  private static Optional<String> changed(Model model, Tree tree) throws IOException {
    try (Network scratch = Network.fresh()) {
      int index = pair(scratch, new Model(model.mtu(), model.queueLength(), 2));
      try (Control control = Control.open(scratch, index)) {
        byte[] nothing = new byte[0];
        Thing mq = new Thing(Thing.Sort.QDISC, MQ, Thing.ROOT, 0, Tree.MQ, nothing);
        control.make(List.of(new Control.Making(mq, Batch.CREATE | Batch.REPLACE)));
        for (Thing now : control.qdiscs()) {
          if (now.parent() == MQ + 1) {
            return tree.differing(now).map(then -> change(then, now));
          }
        }
        return Optional.of("mq gives its queues nothing to compare it with");
      }
    } catch (NetlinkException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static String change(Thing then, Thing now) {
    String kinds =
        then.kind().equals(now.kind())
            ? then.kind() + " with other options"
            : "%s, and now gives %s".formatted(then.kind(), now.kind());
    return "it is what the kernel gave unasked, "
        + kinds
        + " (net.core.default_qdisc, mtu or txqueuelen have changed); a root qdisc that is put"
        + " there on purpose comes back";
  }

  /**
   * What an interface is like.
   *
   * @param mtu the largest packet that it takes, were it an Ethernet interface; 0: as it comes
   * @param queueLength how many packets a queue holds unless told
   * @param queues by how many it sends
   */
  record Model(long mtu, long queueLength, long queues) {
    /** One like any. */
    static final Model PLAIN = new Model(0, 1000, 1);
  }

  /**
   * Makes a pair of interfaces to try things on.
   *
   * @param model what they are to be like
   * @return the index of one of them
   */
  static int pair(Network scratch, Model model) throws IOException {
    try (Netlink netlink = Netlink.open(Protocol.ROUTE, scratch)) {
      Batch batch = new Batch();
      like(batch, model);
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

  private static Model model(Network network, int index) throws IOException {
    try (Netlink netlink = Netlink.open(Protocol.ROUTE, network)) {
      for (Answer each : links(netlink)) {
        if (each.header().getInt(4) == index) {
          Attributes all = each.attributes(IFINFO);
          // default qdiscs count the header that an interface puts before its packets
          int header = BARE.contains(each.header().getShort(2) & 0xffff) ? 0 : HEADER;
          long mtu = all.u32(IFLA_MTU) + header - HEADER;
          return new Model(mtu, all.u32(IFLA_TXQLEN), all.u32(IFLA_NUM_TX_QUEUES));
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
  private static void like(Batch batch, Model model) {
    Message message =
        batch.message("make an interface", RTM_NEWLINK, Batch.CREATE | Batch.EXCLUSIVE);
    message.put(new byte[IFINFO]).text(IFLA_IFNAME, NAME);
    if (model.mtu() >= SMALLEST && model.mtu() <= LARGEST) {
      message.u32(IFLA_MTU, (int) model.mtu());
    }
    message.u32(IFLA_TXQLEN, (int) model.queueLength());
    message.u32(IFLA_NUM_TX_QUEUES, (int) model.queues());
    message.plainNest(IFLA_LINKINFO, info -> info.text(1, "veth"));
  }
}
