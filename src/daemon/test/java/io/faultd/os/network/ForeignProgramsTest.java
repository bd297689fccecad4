package io.faultd.os.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.FaultException;
import io.faultd.fault.Hold;
import io.faultd.fault.Reason;
import io.faultd.linux.net.Link;
import io.faultd.linux.ns.Network;
import io.faultd.rollback.Rollback;
import io.faultd.testing.Cable;
import io.faultd.testing.FileTrial;
import io.faultd.testing.Requires;
import io.faultd.testing.Tcx;
import io.faultd.testing.WithoutBpf;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs of others on an interface (tcx, as Cilium's): they are seen, or asked behind us. */
@Requires("root")
class ForeignProgramsTest {
  @TempDir Path scratch;
  private Cable cable;
  private FileTrial on;

  @BeforeEach
  void open() throws Exception {
    cable = Cable.open().echo(7001).echo(7002);
    on = new FileTrial(new FileTrial.Journal(new Rollback(scratch)), "trial");
  }

  @AfterEach
  void close() throws Exception {
    on.holds.forEach(Hold::close);
    on.destroy(false);
    cable.close();
  }

  private static int index() throws Exception {
    return Link.all(Network.OWN).stream()
        .filter(each -> each.name().equals(Cable.NEAR_INTERFACE))
        .mapToInt(Link::index)
        .findFirst()
        .orElseThrow();
  }

  private void limit(String... flags) throws Exception {
    new NetworkLimit().inject(Flags.bind("limit", NetworkLimit.Params.class, flags), on);
  }

  private void drop(String... flags) throws Exception {
    new NetworkDrop().inject(Flags.bind("drop", NetworkDrop.Params.class, flags), on);
  }

  @Test
  void oneThatSeesPacketsBeforeTheQueueIsARefusalThatNamesIt() throws Exception {
    try (Tcx theirs = Tcx.on(index(), Tcx.Side.EGRESS)) {
      String before = Cable.run("tc qdisc show dev fa");
      FaultException refused = assertThrows(FaultException.class, () -> limit("rate=1mbit"));
      assertEquals(Reason.UNSUPPORTED, refused.reason());
      assertEquals("interface", refused.field().orElseThrow());
      assertTrue(refused.getMessage().contains("fa has a tcx program"), refused.getMessage());
      assertEquals(List.of(), on.steps());
      assertEquals(before, Cable.run("tc qdisc show dev fa"));
      assertTrue(cable.answers(Cable.FAR, 7001), theirs + " lets all pass");
    }
    limit("rate=1mbit");
    assertEquals(1, on.steps().size(), "when it has gone nothing is in the way");
  }

  @Test
  void rulesComeBeforeOneThatSeesPacketsThatGoOut() throws Exception {
    try (Tcx theirs = Tcx.on(index(), Tcx.Side.EGRESS)) {
      drop("destination-port=7001", "network-traffic=out");
      assertFalse(cable.answers(Cable.FAR, 7001), "dropped before " + theirs);
      assertTrue(cable.answers(Cable.FAR, 7002));
    }
  }

  @Test
  void oneOnPacketsThatComeInIsNamedAndHindersNothing() throws Exception {
    for (Tcx.Side side : List.of(Tcx.Side.INGRESS, Tcx.Side.XDP)) {
      on.warnings.clear();
      try (Tcx theirs = Tcx.on(index(), side)) {
        drop("source-port=7001", "network-traffic=in");
        limit("rate=100mbit", "direction=both", "remote-port=7002");
        assertFalse(cable.answers(Cable.FAR, 7001), "dropped behind " + theirs);
        assertTrue(cable.answers(Cable.FAR, 7002));
        assertEquals(2, on.holds.getLast().effect().hits(), "the question and its answer");
      }
      String program = side == Tcx.Side.XDP ? "an XDP program" : "a tcx program";
      assertEquals(2, on.warnings.size(), "one of each fault");
      for (String warning : on.warnings) {
        assertTrue(warning.startsWith("fa has " + program + ": what such a program "), warning);
      }
      on.holds.forEach(Hold::close);
      on.holds.clear();
      on.destroy(false);
    }
  }

  @Test
  void filtersOfClsactAreNamedForTheWayThatTheyAreOn() throws Exception {
    String filter = "tc filter add dev fa %s protocol ip prio 7 u32 match u32 0 0 flowid 1:1";
    Cable.run("tc qdisc add dev fa clsact; " + filter.formatted("ingress"));
    limit("rate=100mbit", "direction=both");
    assertEquals(1, on.warnings.size(), on.warnings.toString());
    assertTrue(
        on.warnings.getFirst().startsWith("fa has a clsact filter u32 pref 7: "),
        on.warnings.getFirst());
    on.holds.forEach(Hold::close);
    on.destroy(false);
    Cable.run("tc filter del dev fa ingress; " + filter.formatted("egress"));
    FaultException refused = assertThrows(FaultException.class, () -> limit("rate=100mbit"));
    assertTrue(
        refused.getMessage().contains("fa has a clsact filter u32 pref 7, which sees"),
        refused.getMessage());
  }

  @Test
  void whereProgramsCannotBeAskedForTheRecordSaysSo() throws Exception {
    try (Tcx theirs = Tcx.on(index(), Tcx.Side.EGRESS)) {
      WithoutBpf.run(() -> limit("rate=1mbit", "interface=fa"));
      assertEquals(1, on.warnings.size(), theirs + " is not seen");
    }
    String warning = on.warnings.getFirst();
    assertTrue(warning.startsWith("whether programs (tcx) see packets first"), warning);
    assertTrue(warning.endsWith("(EPERM): tcx"), warning);
  }
}
