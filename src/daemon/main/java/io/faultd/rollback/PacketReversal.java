package io.faultd.rollback;

import io.faultd.fault.Base;
import io.faultd.fault.Undo;
import io.faultd.linux.net.Link;
import io.faultd.linux.netlink.Netlink;
import io.faultd.linux.ns.Network;
import io.faultd.linux.tc.Band;
import io.faultd.linux.tc.BandTree;
import io.faultd.linux.tc.Tree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Takes a band out of our tree on an interface, and the tree away with the last one.
 *
 * <p>What the tree is to be follows from the bands that are left, so it does not matter how far
 * another death has let it come. Nothing is done unless the tree is ours, or half of what was there
 * before.
 */
final class PacketReversal {
  private static final Outcome UNDONE = new Outcome.Undone();

  private PacketReversal() {}

  static Outcome undo(Undo.PacketBand step, Company company) throws IOException {
    Optional<Network> found = Network.find(step.network());
    if (found.isEmpty()) {
      return UNDONE; // with the namespace all of it is gone
    }
    try (Network network = found.get();
        Netlink routes = Netlink.routes(network)) {
      return Link.of(routes, step.index()).isPresent() ? undo(routes, step, company) : UNDONE;
    }
  }

  private static Outcome undo(Netlink routes, Undo.PacketBand step, Company company)
      throws IOException {
    Optional<Base.Queueing> base = base(company);
    if (base.isEmpty()) {
      return new Outcome.Stuck(step.describe() + ": what was there before is not known");
    }
    Tree before = Tree.decoded(base.get().things());
    Tree now = Tree.of(routes, step.index());
    boolean ours = BandTree.is(now);
    if (now.equals(before)) {
      if (company.last()) {
        lengthen(routes, base.get());
      }
      return UNDONE;
    }
    if (!ours && !(company.last() && now.partOf(before))) {
      return new Outcome.Conflict(
          "%s: its queueing was replaced by others meanwhile (%s), which stays"
              .formatted(step.name(), now.describe()));
    }
    if (!company.last()) {
      BandTree.apply(routes, step.index(), left(company));
      return UNDONE;
    }
    before.restore(routes, step.index(), now, base.get().backwards());
    lengthen(routes, base.get());
    Tree after = Tree.of(routes, step.index());
    return after.equals(before)
        ? UNDONE
        : new Outcome.Conflict(
            "%s: came back as %s, and was %s"
                .formatted(step.name(), after.describe(), before.describe()));
  }

  /** The kernel gives an interface that has no length one with its first queue, and leaves it. */
  private static void lengthen(Netlink routes, Base.Queueing base) throws IOException {
    Integer before = base.queueLength();
    if (before != null && before == 0) {
      Optional<Link> link = Link.of(routes, base.index());
      if (link.isPresent() && link.get().queueLength() == Link.KERNELS_LENGTH) {
        Link.queueLength(routes, base.index(), 0);
      }
    }
  }

  private static Optional<Base.Queueing> base(Company company) {
    return company
        .base()
        .flatMap(base ->
            base instanceof Base.Queueing queueing ? Optional.of(queueing) : Optional.empty());
  }

  private static List<Band> left(Company company) {
    List<Band> left = new ArrayList<>();
    for (Company.Member member : company.others()) {
      if (!member.undone() && member.step() instanceof Undo.PacketBand other) {
        left.add(other.band());
      }
    }
    return left;
  }

  static Sighting look(Undo.PacketBand step) throws IOException {
    Optional<Network> found = Network.find(step.network());
    if (found.isEmpty()) {
      return Sighting.TARGET_GONE;
    }
    try (Network network = found.get();
        Netlink routes = Netlink.routes(network)) {
      if (Link.of(routes, step.index()).isEmpty()) {
        return Sighting.TARGET_GONE;
      }
      return !BandTree.countsOf(routes, step.index(), step.band()).isEmpty()
          ? Sighting.PRESENT
          : Sighting.CHANGED;
    }
  }
}
