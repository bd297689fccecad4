package io.faultd.rollback;

import io.faultd.linux.Mark;
import io.faultd.linux.net.Link;
import io.faultd.linux.ns.Network;
import io.faultd.linux.tc.BandTree;
import io.faultd.linux.tc.Tree;
import java.io.IOException;
import java.util.List;

/**
 * Looks for our trees on the interfaces of all network namespaces. What was there before them is
 * known to a record only: the kernel's default comes back.
 */
final class PacketTraces implements Sweep.Traces {
  @Override
  public String what() {
    return "trees of queues";
  }

  @Override
  public void look(Sweep.Scope scope, Sweep.Found found) throws IOException {
    for (Network network : Network.all()) {
      try (network) {
        for (Link link : Link.all(network)) {
          if (BandTree.is(Tree.of(network, link.index()))) {
            swept(network, link, scope, found);
          }
        }
      } catch (IOException e) { // the others are looked through, and closed, all the same
        found.unsure("queues of %s: %s".formatted(network, e.getMessage()));
      }
    }
  }

  private static void swept(Network network, Link link, Sweep.Scope scope, Sweep.Found found)
      throws IOException {
    String name = "queueing of " + link.name() + " in " + network;
    List<Mark> marks = BandTree.marks(network, link.index());
    if (marks.stream().noneMatch(scope::wants) && scope.uid() != null) {
      return;
    }
    if (!marks.stream().allMatch(scope::wants)) {
      found.unsure(name + ": other experiments are in the same tree; sweep without a uid");
      return;
    }
    BandTree.remove(network, link.index());
    found.undone(name + ": the default, since what was there before is not known");
  }
}
