package io.faultd.os.network;

import io.faultd.fault.Effect;
import io.faultd.linux.net.Link;
import io.faultd.linux.ns.Network;
import io.faultd.rollback.Rollback;
import io.faultd.rollback.Sighting;
import io.faultd.testing.Cable;
import io.faultd.testing.FileTrial;
import java.util.ArrayList;
import java.util.List;

/**
 * What others do to a netem of ours is seen, and to that of one experiment only; and what goes
 * through two interfaces is held once.
 */
final class TamperedNetem {
  private static final List<String> CHANGES =
      List.of(
          "tc qdisc del dev fa parent fa17:1001",
          "tc qdisc replace dev fa parent fa17:1003 pfifo",
          "tc qdisc change dev fa parent fa17:1001 netem delay 1ms limit 100000",
          "tc qdisc change dev fa parent fa17:1001 netem delay 20ms loss 5% limit 100000");

  private final Cable cable;
  private final Rollback rollback;
  private final FileTrial.Journal journal;
  private final List<String> wrong = new ArrayList<>();

  TamperedNetem(Cable cable, Rollback rollback, FileTrial.Journal journal) {
    this.cable = cable;
    this.rollback = rollback;
    this.journal = journal;
  }

  /** Tries each change; what was not seen as it should. */
  List<String> tried() throws Exception {
    for (String change : CHANGES) {
      FileTrial on = delay("time=20", "remote-port=7001");
      FileTrial other = delay("time=30", "remote-port=7002");
      see("untouched", on, true);
      see("untouched", other, true);
      Cable.run(change);
      see(change, on, false);
      see(change, other, !change.contains("1003"));
      on.destroy(false);
      see("when the other has left: " + change, other, true);
      other.destroy(false);
    }
    stacked();
    return wrong;
  }

  /** What is below a VLAN sends its packets, where the kernel has any. */
  private void stacked() throws Exception {
    Cable.run("ip link add link fa name fa.5 type vlan id 5 && ip link set fa.5 up || true");
    Cable.run("ip link add link fa.5 name fa.5.6 type vlan id 6 && ip link set fa.5.6 up || true");
    if (Cable.run("ip -br link").lines().noneMatch(line -> line.startsWith("fa.5.6"))) {
      return;
    }
    try (Network network = Network.open(Network.OWN)) {
      List<String> lowest =
          Link.lowest(Link.all(network)).stream().map(Link::name).filter(this::ours).toList();
      System.out.println("lowest interfaces: " + lowest);
      if (!lowest.equals(List.of("fa", "fa.5.6"))) {
        wrong.add("lowest of fa, fa.5 and fa.5.6: " + lowest);
      }
    }
    once();
    Cable.run("ip link del fa.5 2>/dev/null || true");
  }

  private void once() throws Exception {
    Cable.run("ip addr add 10.80.0.1/24 dev fa.5");
    cable.runFar(
        "ip link add link fb name fb.5 type vlan id 5; ip addr add 10.80.0.2/24 dev fb.5;"
            + " ip link set fb.5 up");
    cable.roundTrips("10.80.0.2", 7001, 15);
    FileTrial on = delay("time=50", "remote-port=7001");
    double millis = Cable.median(cable.roundTrips("10.80.0.2", 7001, 15));
    long hits = on.holds.getFirst().effect().hits();
    System.out.printf("over a VLAN: %.1f ms, %d packets%n", millis, hits);
    if (millis < 50 || millis > 75 || hits != 15) {
      wrong.add("over a VLAN 50 ms are %.1f, of %d packets".formatted(millis, hits));
    }
    on.destroy(false);
  }

  private boolean ours(String name) {
    return name.startsWith("fa");
  }

  private FileTrial delay(String... flags) throws Exception {
    FileTrial on = new FileTrial(journal, "trial");
    new NetworkDelay().inject(Flags.bind("delay", NetworkDelay.Params.class, flags), on);
    return on;
  }

  private void see(String change, FileTrial on, boolean whole) throws Exception {
    Sighting sighting = rollback.look(on.steps().getFirst());
    Effect.State state = on.holds.getFirst().effect().state();
    if ((sighting == Sighting.PRESENT) != whole || (state == Effect.State.SETTLED) != whole) {
      wrong.add("%s: %s, %s".formatted(change, sighting, state));
    }
  }
}
