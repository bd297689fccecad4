package io.faultd.rollback;

import io.faultd.linux.Mark;
import io.faultd.linux.net.Link;
import io.faultd.linux.ns.Network;
import io.faultd.linux.tc.BandTree;
import io.faultd.linux.tc.Tree;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks for our trees on the interfaces of all network namespaces. What was there before them is
 * known to a record only: the kernel's default comes back.
 */
final class PacketSweep {
  private PacketSweep() {}

  /**
   * Sweeps the node.
   *
   * @param uid of one experiment; absent: of all
   * @param undone gets what was taken away
   * @param unsure gets what was not touched
   */
  static void node(@Nullable String uid, List<String> undone, List<String> unsure)
      throws IOException {
    for (Network network : Network.all()) {
      try (network) {
        for (Link link : Link.all(network)) {
          if (BandTree.is(Tree.of(network, link.index()))) {
            swept(network, link, uid, undone, unsure);
          }
        }
      }
    }
  }

  private static void swept(
      Network network, Link link, @Nullable String uid, List<String> undone, List<String> unsure)
      throws IOException {
    String name = "queueing of " + link.name() + " in " + network;
    List<Mark> marks = BandTree.marks(network, link.index());
    if (uid != null && marks.stream().noneMatch(mark -> mark.uid().equals(uid))) {
      return;
    }
    if (uid != null && marks.stream().anyMatch(mark -> !mark.uid().equals(uid))) {
      unsure.add(name + ": other experiments are in the same tree; sweep without a uid");
      return;
    }
    BandTree.remove(network, link.index());
    undone.add(name + ": the default, since what was there before is not known");
  }
}
