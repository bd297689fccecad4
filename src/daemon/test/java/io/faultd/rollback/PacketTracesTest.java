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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Sweeps for uids of its own only: there may be trees of others on the node. */
@Requires("root")
class PacketTracesTest {
  private final String uid = "swept-" + ProcessHandle.current().pid();
  private final Sweep.Found found = new Sweep.Found();

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
        look("other-" + uid);
        assertTrue(BandTree.is(Tree.of(network, index)));
        look(uid);
      } finally {
        inside.destroyForcibly().waitFor();
      }
      Sweep.Swept swept = found.swept();
      assertEquals(List.of(), swept.unsure());
      assertEquals(1, swept.undone().size());
      assertTrue(swept.undone().getFirst().startsWith("queueing of left in "), swept::toString);
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
      look(uid);
      assertEquals(List.of(), found.swept().undone());
      assertTrue(BandTree.is(Tree.of(network, index)));
    }
  }

  private void look(String whose) throws IOException {
    new PacketTraces().look(new Sweep.Scope(whose, null), found);
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
