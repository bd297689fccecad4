package io.faultd.os.network;

import io.faultd.fault.Aim;
import io.faultd.fault.Base;
import io.faultd.fault.Claim;
import io.faultd.fault.FaultException;
import io.faultd.fault.Hold;
import io.faultd.fault.Injection;
import io.faultd.fault.Reason;
import io.faultd.fault.Undo;
import io.faultd.linux.net.Forwarding;
import io.faultd.linux.net.Link;
import io.faultd.linux.netlink.Netlink;
import io.faultd.linux.ns.Network;
import io.faultd.linux.ns.NetworkIdentity;
import io.faultd.linux.tc.Band;
import io.faultd.linux.tc.BandTree;
import io.faultd.linux.tc.Program;
import io.faultd.linux.tc.Rehearsal;
import io.faultd.linux.tc.Tree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Puts a fault on packets that leave by interfaces into the tree that all faults share there. */
final class Bands {
  private static final long MILLION = 1_000_000;

  private Bands() {}

  /** What a fault does to its packets, in a slot that is found for it. */
  @FunctionalInterface
  interface Shape {
    /** The band of a slot. */
    Band in(int slot, String predicate);
  }

  /**
   * What was asked for.
   *
   * @param amount in the unit
   * @param unit ms, %, bit/s
   */
  record Asked(double amount, String unit) {}

  /**
   * Puts it in place and sees it there.
   *
   * @param traffic which packets; of them those that go out
   * @return what counts them
   * @throws FaultException UNSUPPORTED if what an interface has could not be put back exactly, or
   *     others see its packets first; LIMIT if there are too many already
   */
  static Hold inject(Traffic traffic, Shape shape, Asked asked, Injection on) throws IOException {
    on.asked(asked.amount(), asked.unit());
    String predicate = predicate(traffic, on);
    try (Network network = Network.open(on.target().network());
        Netlink routes = Netlink.routes(network)) {
      NetworkIdentity identity = network.identity();
      List<Link> links = links(routes, traffic);
      warn(routes, on);
      Programs.refuse(network, routes, links, on);
      List<Claim> claims = new ArrayList<>();
      for (Link link : links) {
        on.aim(new Aim("interface", link.name(), traffic.describe()));
        claims.add(Claim.queueing(identity, link.index(), link.name()));
      }
      on.claim(claims);
      List<Undo.PacketBand> steps = new ArrayList<>();
      List<List<Band>> all = new ArrayList<>();
      for (Link link : links) { // by index: whoever joins several does so in the same order
        String key = Undo.PacketBand.key(identity, link.index());
        on.join(key, () -> base(network, routes, identity, link));
        List<Band> bands = members(on.members(key));
        Band own = shape.in(slot(bands, link), predicate);
        check(routes, link, bands, own);
        steps.add(new Undo.PacketBand(identity, link.index(), link.name(), own));
        bands.add(own);
        all.add(bands);
      }
      on.undo(steps);
      for (int i = 0; i < steps.size(); i++) {
        BandTree.apply(routes, steps.get(i).index(), all.get(i));
      }
      BandHold hold = new BandHold(steps, asked);
      if (hold.counts(routes).size() < steps.size()) {
        throw new FaultException(Reason.INJECT_FAILED, "a class that was made is not there");
      }
      on.hold("counts of what was hit", hold);
      return hold;
    }
  }

  private static void warn(Netlink routes, Injection on) throws IOException {
    List<String> forwarding = Forwarding.on(routes);
    if (!forwarding.isEmpty()) {
      on.warn(
          "packets that are only passed on (%s) are hit, too, where they leave by these interfaces"
                  .formatted(String.join(", ", forwarding))
              + "; addresses and ports are looked at as they leave, translated");
    }
  }

  private static String predicate(Traffic traffic, Injection on) {
    for (Filter filter : traffic.filters()) {
      if (filter.direction() == Direction.OUT) {
        // a qdisc has no room for a name, so the program carries whose it is
        Program program = new Program().note(on.mark().label());
        program.include(Predicate.of(filter).bytes());
        if (program.size() > 3_500) {
          throw new FaultException(
              Reason.LIMIT, "so many ports and addresses fit into no filter of the kernel");
        }
        return Base64.getEncoder().encodeToString(program.bytes());
      }
    }
    throw FaultException.illegal("direction", "only packets that go out can be queued: out");
  }

  private static List<Link> links(Netlink routes, Traffic traffic) throws IOException {
    List<Link> links = new ArrayList<>();
    for (String name : traffic.interfaces()) {
      Link.named(routes, name).ifPresent(links::add);
    }
    if (traffic.interfaces().isEmpty()) {
      links.addAll(
          Link.lowest(
              Link.all(routes).stream().filter(link -> !link.loopback() && link.up()).toList()));
    }
    links.sort(Comparator.comparingInt(Link::index));
    if (links.isEmpty()) {
      throw new FaultException(
          Reason.TARGET_NOT_FOUND, "there is no interface but lo that is up; name one");
    }
    return links;
  }

  private static Base base(Network network, Netlink routes, NetworkIdentity identity, Link link)
      throws IOException {
    Tree tree = Tree.of(routes, link.index());
    if (BandTree.is(tree)) {
      throw new FaultException(
          Reason.CONFLICT,
          "%s has a tree of faultd of which there is no record; faultd sweep takes it away"
              .formatted(link.name()));
    }
    Rehearsal.Verdict verdict = Rehearsal.of(network, link.index(), tree);
    if (verdict.obstacle().isPresent()) {
      throw FaultException.unsupported(
          "interface",
          "the queueing of %s (%s) could not be put back exactly: %s"
              .formatted(link.name(), tree.describe(), verdict.obstacle().get()));
    }
    return new Base.Queueing(
        identity,
        link.index(),
        link.name(),
        tree.encoded(),
        verdict.backwards(),
        link.queueLength());
  }

  private static List<Band> members(List<Undo> steps) {
    List<Band> bands = new ArrayList<>();
    for (Undo step : steps) {
      if (step instanceof Undo.PacketBand other) {
        bands.add(other.band());
      }
    }
    return bands;
  }

  private static int slot(List<Band> bands, Link link) {
    Set<Integer> taken = new HashSet<>();
    bands.forEach(band -> taken.add(band.slot()));
    for (int slot = 0; slot < Band.MOST; slot++) {
      if (!taken.contains(slot)) {
        return slot;
      }
    }
    throw new FaultException(
        Reason.LIMIT, "%s has %d faults already, the most".formatted(link.name(), Band.MOST));
  }

  private static void check(Netlink routes, Link link, List<Band> others, Band own)
      throws IOException {
    if (!own.limits()
        && others.stream().filter(band -> !band.limits()).count() >= Band.MOST_IMPAIRING) {
      throw new FaultException(
          Reason.LIMIT,
          "%s has %d faults that delay or lose already, the most"
              .formatted(link.name(), Band.MOST_IMPAIRING));
    }
    List<Band> all = new ArrayList<>(others);
    all.add(own);
    long jitter = all.stream().mapToLong(Band::jitter).sum();
    if (jitter > Band.MOST_JITTER) {
      throw new FaultException(
          Reason.LIMIT,
          Reason.LIMIT.code(),
          "offset",
          "offset: all delays on %s together vary by %d ms, more than the %d ms of netem"
              .formatted(link.name(), Math.ceilDiv(jitter, MILLION), Band.MOST_JITTER / MILLION));
    }
    if (!BandTree.fits(all)) {
      throw new FaultException(
          Reason.LIMIT,
          "the ports and addresses of all faults on %s together fit into no filter of the kernel"
              .formatted(link.name()));
    }
    if (!others.isEmpty() && !BandTree.is(Tree.of(routes, link.index()))) {
      throw new FaultException(
          Reason.CONFLICT,
          "the tree of the faults on %s was taken away by others; try again when they have ended"
              .formatted(link.name()));
    }
  }
}
