package io.faultd.rollback;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.linux.Mark;
import io.faultd.linux.ns.Network;
import io.faultd.linux.tc.Band;
import io.faultd.linux.tc.BandTree;
import io.faultd.linux.tc.Program;
import io.faultd.linux.tc.Tree;
import io.faultd.testing.Eventually;
import io.faultd.testing.Lab;
import io.faultd.testing.Requires;
import io.faultd.testing.Traffic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Sweeps for uids of its own only: there may be trees of others on the node. */
@Requires("root")
class PacketSweepTest {
  private final String uid = "swept-" + ProcessHandle.current().pid();
  private final List<String> undone = new ArrayList<>();
  private final List<String> unsure = new ArrayList<>();

  @Test
  void aTreeWithoutARecordIsFoundInAnyNamespaceAndTakenAway() throws Exception {
    try (Lab lab = lab();
        Network network = Network.open(lab.path())) {
      String before = Traffic.listing(lab, "left");
      int index = index(lab);
      BandTree.apply(network, index, List.of(band(0, uid)));
      Process inside = new ProcessBuilder(lab.inside("sleep", "60")).start();
      try {
        Path there = Path.of("/proc/" + inside.pid() + "/ns/net");
        Eventually.eventually(
            "it is in there",
            () -> Files.readSymbolicLink(there).toString().equals("net:[" + network.inode() + "]"));
        PacketSweep.node("other-" + uid, undone, unsure);
        assertTrue(BandTree.is(Tree.of(network, index)));
        PacketSweep.node(uid, undone, unsure);
      } finally {
        inside.destroyForcibly().waitFor();
      }
      assertEquals(List.of(), unsure);
      assertEquals(1, undone.size());
      assertTrue(undone.getFirst().startsWith("queueing of left in "), undone.getFirst());
      assertEquals(before, Traffic.listing(lab, "left"));
    }
  }

  @Test
  void aTreeThatIsSharedWithOthersIsNotTouchedForOne() throws Exception {
    try (Lab lab = lab();
        Network network = Network.open(lab.path())) {
      int index = index(lab);
      BandTree.apply(network, index, List.of(band(0, uid), band(1, "another")));
      List<Mark> marks = BandTree.marks(network, index);
      assertEquals(List.of(uid, "another"), marks.stream().map(Mark::uid).toList());
    }
  }

  private static Lab lab() throws Exception {
    return Lab.fresh().each("ip link add left type veth peer name right", "ip link set left up");
  }

  private static int index(Lab lab) throws Exception {
    return Integer.parseInt(lab.run("ip", "-o", "link", "show", "left").split(":", 2)[0]);
  }

  private static Band band(int slot, String uid) {
    byte[] program = new Program().note(new Mark("0badcafe", uid, 1).label()).constant(1).bytes();
    String predicate = Base64.getEncoder().encodeToString(program);
    return new Band(slot, predicate, 125_000, 10_000, 0, 0, 0);
  }
}
