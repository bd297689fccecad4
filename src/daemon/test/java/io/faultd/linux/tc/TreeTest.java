package io.faultd.linux.tc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.linux.Errno;
import io.faultd.linux.netlink.NetlinkException;
import io.faultd.linux.ns.Network;
import io.faultd.testing.Lab;
import io.faultd.testing.Requires;
import io.faultd.testing.Traffic;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Requires("root")
class TreeTest {
  private static final String LINK = "left";

  /** What others may have put on an interface; none: what the kernel gives it. */
  static Stream<List<String>> trees() {
    return Stream.of(
        List.of(),
        List.of("tc qdisc add dev left root pfifo_fast"),
        List.of("tc qdisc add dev left root pfifo limit 77"),
        List.of("tc qdisc add dev left root handle 7: bfifo limit 30kb"),
        List.of(
            "tc qdisc add dev left root handle 1: tbf rate 3mbit burst 10kb latency 70ms peakrate"
                + " 5mbit mtu 1540"),
        List.of(
            "tc qdisc add dev left root handle 1: tbf rate 3mbit burst 10kb limit 50000",
            "tc qdisc add dev left parent 1:1 handle 10: pfifo limit 33"),
        List.of(
            "tc qdisc add dev left root handle 1: htb default 12 r2q 7",
            "tc class add dev left parent 1: classid 1:1 htb rate 100mbit ceil 200mbit burst 20kb",
            "tc class add dev left parent 1:1 classid 1:11 htb rate 10mbit ceil 50mbit prio 3",
            "tc class add dev left parent 1:1 classid 1:12 htb rate 5mbit quantum 3000",
            "tc class add dev left parent 1: classid 1:20 htb rate 40gbit",
            "tc qdisc add dev left parent 1:11 handle 110: pfifo limit 5",
            "tc qdisc add dev left parent 1:12 handle 120: tbf rate 1mbit burst 5kb latency 50ms",
            "tc qdisc add dev left parent 1:20 handle 130: htb default 1",
            "tc class add dev left parent 130: classid 130:1 htb rate 1gbit",
            "tc filter add dev left parent 1: protocol ip prio 1 u32 match ip dst 10.0.0.0/8 match"
                + " ip dport 80 0xffff flowid 1:11",
            "tc filter add dev left parent 1: protocol ip prio 1 u32 match ip src 10.9.0.0/16"
                + " flowid 1:12",
            "tc filter add dev left parent 1: protocol ipv6 prio 2 u32 match ip6 dport 443 0xffff"
                + " flowid 1:20",
            "tc filter add dev left parent 1:1 protocol all prio 9 u32 match u32 0 0 flowid 1:12"),
        List.of(
            "tc qdisc add dev left root handle 1: htb",
            "tc class add dev left parent 1: classid 1:1 htb rate 10mbit",
            "tc filter add dev left parent 1: protocol ip prio 5 handle 3: u32 divisor 256",
            "tc filter add dev left parent 1: protocol ip prio 5 u32 ht 3:7: match ip dst 10.0.0.7"
                + " flowid 1:1",
            "tc filter add dev left parent 1: protocol ip prio 5 u32 ht 800:: match ip dst"
                + " 10.0.0.0/24 link 3: hashkey mask 0xff at 16"),
        List.of(
            "tc qdisc add dev left root handle 8: mq",
            "tc qdisc add dev left parent 8:1 handle 81: tbf rate 3mbit burst 10kb latency 70ms",
            "tc qdisc add dev left parent 8:3 handle 83: pfifo limit 9"));
  }

  @ParameterizedTest
  @MethodSource("trees")
  void comesBackAsItWas(List<String> commands) throws Exception {
    try (Lab lab = lab();
        Network network = Network.open(lab.path())) {
      int index = index(lab);
      lab.each(commands.toArray(String[]::new));
      String before = Traffic.listing(lab, LINK);
      Tree tree = Tree.of(network, index);
      assertEquals(commands.isEmpty(), tree.given());
      Rehearsal.Verdict verdict = Rehearsal.of(network, index, tree);
      assertEquals(Optional.empty(), verdict.obstacle(), before);
      Tree kept = Tree.decoded(tree.encoded());
      assertEquals(tree, kept);

      BandTree.apply(network, index, List.of(all(0, 125_000)));
      assertTrue(BandTree.is(Tree.of(network, index)));
      kept.restore(network, index, Tree.of(network, index), verdict.backwards());

      assertEquals(before, Traffic.listing(lab, LINK));
      assertEquals(tree, Tree.of(network, index));
    }
  }

  /** Interfaces that the kernel gives a queue unasked; a virtual Ethernet interface has none. */
  static Stream<String> queued() {
    return Stream.of(
        "ip tuntap add dev left mode tap",
        "ip tuntap add dev left mode tun",
        "ip tuntap add dev left mode tap multi_queue");
  }

  @ParameterizedTest
  @MethodSource("queued")
  void whatTheKernelGaveAndStillGivesComesBack(String made) throws Exception {
    try (Lab lab = Lab.fresh().each(made, "ip link set left mtu 1300 up");
        Network network = Network.open(lab.path())) {
      int index = index(lab);
      String before = Traffic.listing(lab, LINK);
      Tree tree = Tree.of(network, index);
      assertTrue(tree.given() && !tree.queueless(), before);
      assertEquals(
          new Rehearsal.Verdict(Optional.empty(), false), Rehearsal.of(network, index, tree));
      BandTree.apply(network, index, List.of(all(0, 125_000)));
      tree.restore(network, index, Tree.of(network, index), false);
      assertEquals(before, Traffic.listing(lab, LINK));
    }
  }

  @ParameterizedTest
  @MethodSource("queued")
  void whatTheKernelGaveAndGivesNoMoreIsAnObstacle(String made) throws Exception {
    try (Lab lab = Lab.fresh().each(made, "ip link set left up");
        Network network = Network.open(lab.path())) {
      int index = index(lab);
      // as it would be, had net.core.default_qdisc, which all namespaces share, been pfifo then
      List<Thing> then = new ArrayList<>();
      for (Thing each : Tree.of(network, index).things()) {
        then.add(
            each.kind().equals(Tree.MQ)
                ? each
                : new Thing(each.sort(), 0, each.parent(), 0, "pfifo", new byte[0]));
      }
      Tree tree = Tree.decoded(then.stream().map(Thing::encoded).toList());
      assertTrue(tree.given());
      String obstacle = Rehearsal.of(network, index, tree).obstacle().orElse("");
      assertTrue(obstacle.contains("pfifo, and now gives "), obstacle);
      assertTrue(obstacle.contains("net.core.default_qdisc"), obstacle);
    }
  }

  @Test
  void ofATreeThatWasHalfMadeTheRestIsMade() throws Exception {
    try (Lab lab = lab();
        Network network = Network.open(lab.path())) {
      int index = index(lab);
      lab.each(trees().toList().get(6).toArray(String[]::new));
      String before = Traffic.listing(lab, LINK);
      Tree tree = Tree.of(network, index);
      lab.each(
          "tc filter del dev left parent 1: prio 2",
          "tc filter del dev left parent 1:1 prio 9",
          "tc class del dev left classid 130:1");
      Tree part = Tree.of(network, index);
      assertTrue(part.partOf(tree));
      assertFalse(tree.partOf(part));
      tree.restore(
          network, index, Tree.of(network, index), Rehearsal.of(network, index, tree).backwards());
      assertEquals(before, Traffic.listing(lab, LINK));
    }
  }

  @Test
  void experimentsComeAndGoInAnyOrder() throws Exception {
    try (Lab lab = lab();
        Network network = Network.open(lab.path())) {
      int index = index(lab);
      String before = Traffic.listing(lab, LINK);
      Tree tree = Tree.of(network, index);
      Band first = all(0, 1_000_000);
      Band second = all(3, 50_000);
      Band third = all(11, 7_000_000);
      for (List<Band> bands :
          List.of(
              List.of(first),
              List.of(first, second),
              List.of(third, first, second),
              List.of(third, second),
              List.of(third, second),
              List.of(third))) {
        BandTree.apply(network, index, bands);
        assertEquals(
            bands.size(), BandTree.counts(network, index).size(), Traffic.listing(lab, LINK));
      }
      tree.restore(network, index, Tree.of(network, index), false);
      assertEquals(before, Traffic.listing(lab, LINK));
    }
  }

  @Test
  void asManyAsThereCanBeFitIntoATreeAndTheFirstThatIsRefusedIsNamed() throws Exception {
    List<Band> bands = new ArrayList<>();
    for (int slot = 0; slot < Band.MOST; slot++) {
      Band limit = all(slot, 1_000_000);
      bands.add(
          slot < Band.MOST_IMPAIRING
              ? new Band(slot, limit.predicate(), 0, 0, 1_000_000, 0, 0)
              : limit);
    }
    try (Lab lab = lab();
        Network network = Network.open(lab.path())) {
      int index = index(lab);
      try {
        BandTree.apply(network, index, bands);
        assertEquals(255, BandTree.counts(network, index).size());
      } catch (NetlinkException noNetem) {
        assertEquals(Optional.of("make qdisc netem 0:"), Optional.of(noNetem.what()));
        assertTrue(noNetem.is(Errno.ENOENT), noNetem.getMessage());
      }
    }
  }

  private static Lab lab() throws Exception {
    return Lab.fresh()
        .each(
            "ip link add left numtxqueues 4 type veth peer name right",
            "ip link set left up",
            "ip link set right up");
  }

  private static int index(Lab lab) throws Exception {
    return Integer.parseInt(lab.run("ip", "-o", "link", "show", "left").split(":", 2)[0]);
  }

  private static Band all(int slot, long rate) {
    byte[] program = new Program().constant(1).bytes();
    String predicate = java.util.Base64.getEncoder().encodeToString(program);
    return new Band(slot, predicate, rate, 10_000, 0, 0, 0);
  }
}
