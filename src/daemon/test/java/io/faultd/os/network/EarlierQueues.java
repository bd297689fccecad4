package io.faultd.os.network;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.testing.Cable;
import io.faultd.testing.Traffic;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What others may have had on an interface before us: it comes back as tc(8) listed it. */
final class EarlierQueues {
  private static final String HTB =
      """
      tc qdisc add dev fa root handle 1: htb default 10
      tc class add dev fa parent 1: classid 1:1 htb rate 900mbit
      tc class add dev fa parent 1:1 classid 1:10 htb rate 500mbit ceil 900mbit
      tc class add dev fa parent 1:1 classid 1:20 htb rate 400mbit prio 2
      tc qdisc add dev fa parent 1:10 handle 10: fq_codel
      tc qdisc add dev fa parent 1:20 handle 20: netem limit 2000 loss 2%
      tc filter add dev fa parent 1: protocol ip prio 1 u32 match ip dst 10.77.0.3/32 flowid 1:20
      """;

  private static final String PRIO =
      """
      tc qdisc add dev fa root handle 6: prio bands 4
      tc qdisc add dev fa parent 6:2 handle 62: sfq perturb 10
      tc qdisc add dev fa parent 6:3 handle 63: codel target 3ms interval 77ms ecn
      tc filter add dev fa parent 6: protocol ip prio 3 u32 match ip dport 9 0xffff flowid 6:2
      """;

  private static final String DRR =
      """
      tc qdisc add dev fa root handle 3: drr
      tc class add dev fa parent 3: classid 3:1 drr quantum 3000
      tc class add dev fa parent 3: classid 3:2 drr
      tc qdisc add dev fa parent 3:1 handle 31: fq
      tc filter add dev fa parent 3: protocol all prio 1 matchall flowid 3:1
      """;

  private static final String HFSC =
      """
      tc qdisc add dev fa root handle 4: hfsc default 2
      tc class add dev fa parent 4: classid 4:1 hfsc sc rate 500mbit ul rate 900mbit
      tc class add dev fa parent 4:1 classid 4:2 hfsc sc umax 1500b dmax 30ms rate 300mbit
      """;

  /** Each of these must come back. */
  private static final List<String> EXACT =
      List.of(
          HTB,
          PRIO,
          DRR,
          HFSC,
          "tc qdisc add dev fa root fq_codel limit 500 target 7ms",
          "tc qdisc add dev fa root handle 2: fq_codel",
          "tc qdisc add dev fa root handle 2: codel",
          "tc qdisc add dev fa root handle 2: fq maxrate 900mbit",
          "tc qdisc add dev fa root handle 2: sfq perturb 10",
          "tc qdisc add dev fa root handle 2: cake bandwidth 900mbit rtt 33ms",
          "tc qdisc add dev fa root handle 2: pie",
          "tc qdisc add dev fa root handle 2: netem delay 1ms 0.2ms loss 1%",
          "tc qdisc add dev fa root handle 2: tbf rate 900mbit burst 100kb latency 70ms");

  /** Each of these must come back, or be refused before anything changes. */
  private static final List<String> OTHERS =
      List.of(
          "tc qdisc add dev fa root handle 2: red limit 400000 avpkt 1000 bandwidth 900mbit",
          "tc qdisc add dev fa root handle 2: choke limit 1000 bandwidth 900mbit",
          "tc qdisc add dev fa root handle 2: sfb",
          "tc qdisc add dev fa root handle 2: hhf",
          "tc qdisc add dev fa root handle 2: gred setup DPs 3 default 2",
          "tc qdisc add dev fa root handle 2: plug");

  /** Puts faults on an interface and takes them away. */
  @FunctionalInterface
  interface Faults {
    /** Returns what they did meanwhile; both ends of a trial are in it. */
    boolean comeAndGo() throws Exception;
  }

  private final Faults faults;
  private final List<String> wrong = new ArrayList<>();

  EarlierQueues(Faults faults) {
    this.faults = faults;
  }

  /** Tries all; what went wrong. */
  List<String> tried() throws Exception {
    for (String tree : EXACT) {
      if (!comesBack(tree)) {
        wrong.add("refused: " + tree);
      }
    }
    for (String tree : OTHERS) {
      comesBack(tree);
    }
    unasked();
    return wrong;
  }

  /**
   * What the kernel gave an interface unasked comes back as long as it gives the same: what that is
   * all namespaces share, so it can be changed only in a machine of our own.
   */
  private void unasked() throws Exception {
    Cable.run("ip link add ta type ifb");
    String defaults = "echo %s >/proc/sys/net/core/default_qdisc";
    Cable.run(defaults.formatted("fq_codel"));
    Cable.run("ip link set ta up");
    cameBack("fq_codel, which is the default", true);
    Cable.run("ip link set ta mtu 1300");
    cameBack("fq_codel of a larger mtu", false);
    Cable.run("ip link set ta mtu 1500");
    Cable.run(defaults.formatted("pfifo_fast"));
    cameBack("fq_codel, which is the default no more", false);
    Cable.run("ip link del ta");
  }

  private void cameBack(String name, boolean possible) throws Exception {
    String before = Traffic.listing("ta") + Traffic.listing(Cable.NEAR_INTERFACE);
    Optional<String> refusal = refusal(name);
    if (refusal.isPresent() == possible) {
      wrong.add("%s: %s".formatted(name, refusal.orElse("not refused")));
    }
    String after = Traffic.listing("ta") + Traffic.listing(Cable.NEAR_INTERFACE);
    if (!after.equals(before)) {
      wrong.add("%s: %n%s%nis not%n%s".formatted(name, after, before));
    } else if (possible) {
      System.out.printf("ok   back as it was: %s%n", name);
    }
  }

  private boolean comesBack(String tree) throws Exception {
    String name = tree.lines().findFirst().orElseThrow().replaceFirst(".* root ", "");
    Cable.run(tree);
    String before = Traffic.listing(Cable.NEAR_INTERFACE);
    boolean back = refusal(name).isEmpty();
    String after = Traffic.listing(Cable.NEAR_INTERFACE);
    if (!after.equals(before)) {
      wrong.add("%s: %n%s%nis not%n%s".formatted(name, after, before));
    } else if (back) {
      System.out.printf("ok   back as it was: %s%n", name);
    }
    Cable.run("tc qdisc del dev fa root");
    return back;
  }

  private Optional<String> refusal(String name) throws Exception {
    try {
      if (!faults.comeAndGo()) {
        wrong.add("no effect: " + name);
      }
      return Optional.empty();
    } catch (FaultException e) {
      if (e.reason() != Reason.UNSUPPORTED) {
        throw e;
      }
      System.out.printf("     refused: %s%n", e.getMessage());
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
