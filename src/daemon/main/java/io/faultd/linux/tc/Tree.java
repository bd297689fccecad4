package io.faultd.linux.tc;

import io.faultd.linux.netlink.Batch;
import io.faultd.linux.netlink.Netlink;
import io.faultd.linux.netlink.NetlinkException;
import io.faultd.linux.ns.Network;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What an interface does with packets that it sends: its root qdisc with all that hangs on it.
 *
 * <p>The kernel gives an interface a default (no queue, pfifo_fast, mq with one for each queue,
 * ...) as soon as nothing else is there; such a tree has no handles and comes back by itself, if it
 * still is what the kernel gives. Any other is made again piece by piece.
 */
public final class Tree {
  /** Their classes are made by people; those of all others come with the qdisc. */
  private static final Set<String> CLASSES = Set.of("htb", "hfsc", "drr", "qfq", "cbq");

  /** One queue for each by which the interface sends. */
  static final String MQ = "mq";

  private final List<Thing> things;

  private Tree(List<Thing> things) {
    this.things = List.copyOf(things);
  }

  /**
   * As it is now; of one that is ours the qdiscs alone, for nobody puts it back.
   *
   * @param index of the interface
   * @throws NetlinkException ENODEV if there is none
   */
  public static Tree of(Network network, int index) throws IOException {
    try (Netlink routes = Netlink.routes(network)) {
      return of(routes, index);
    }
  }

  /** The same through a socket of the namespace. */
  public static Tree of(Netlink routes, int index) throws IOException {
    return of(new Control(routes, index));
  }

  static Tree of(Control control) throws IOException {
    List<Thing> things = new ArrayList<>();
    for (Thing each : control.qdiscs()) {
      if (each.parent() != Thing.INGRESS) {
        things.add(each);
      }
    }
    if (BandTree.is(new Tree(things))) {
      return new Tree(things);
    }
    List<Integer> filtered = new ArrayList<>();
    Set<String> kinds = new HashSet<>();
    for (Thing each : things) {
      kinds.add(each.kind());
      if (each.handle() != 0) {
        filtered.add(each.handle());
      }
    }
    if (!Collections.disjoint(kinds, CLASSES)) {
      for (Thing each : control.classes()) {
        if (CLASSES.contains(each.kind())) {
          things.add(each);
          filtered.add(each.handle());
        }
      }
    }
    for (int parent : filtered) {
      things.addAll(control.filters(parent));
    }
    return new Tree(things);
  }

  /** One that was written down. */
  public static Tree decoded(List<String> texts) {
    return new Tree(texts.stream().map(Thing::decoded).toList());
  }

  /** Each part of it, to be written down. */
  public List<String> encoded() {
    return things.stream().map(Thing::encoded).toList();
  }

  /** Whether it is what the kernel gives an interface that nobody cared for. */
  public boolean given() {
    return root().map(root -> root.handle() == 0).orElse(true);
  }

  /** Whether packets do not wait: the interface is virtual, or is not up. */
  boolean queueless() {
    return root().map(root -> root.kind().equals("noqueue")).orElse(true);
  }

  /** What in one that was given is not like what the kernel gives a queue now. */
  Optional<Thing> differing(Thing now) {
    return things.stream()
        .filter(each -> each.parent() != Thing.ROOT || !each.kind().equals(MQ))
        .filter(each ->
            !each.kind().equals(now.kind()) || !Arrays.equals(each.attributes(), now.attributes()))
        .findFirst();
  }

  Optional<Thing> root() {
    return things.stream().filter(each -> each.parent() == Thing.ROOT).findFirst();
  }

  List<Thing> things() {
    return things;
  }

  /** Whether it is a part of the other, with the same root: one that was not made whole. */
  public boolean partOf(Tree whole) {
    return root().equals(whole.root()) && bare(whole.things).containsAll(bare(things));
  }

  /** A class tells of the qdisc in it, which may not have been made. */
  private static Set<Thing> bare(List<Thing> things) {
    Set<Thing> bare = new HashSet<>();
    for (Thing each : things) {
      bare.add(each.sort() == Thing.Sort.CLASS ? each.withoutInfo() : each);
    }
    return bare;
  }

  /** What it is, for people: {@code htb 1: and 12 more}. */
  public String describe() {
    String root = root().map(Thing::describe).orElse("no qdisc");
    return things.size() < 2 ? root : root + " and " + (things.size() - 1) + " more";
  }

  /**
   * Puts it on an interface, in the place of whatever is there; nothing is done if it is there.
   *
   * @param now what is there
   * @param backwards as {@link Rehearsal} found
   * @throws IOException if the kernel refuses any part
   */
  public void restore(Network network, int index, Tree now, boolean backwards) throws IOException {
    try (Netlink routes = Netlink.routes(network)) {
      restore(routes, index, now, backwards);
    }
  }

  /** The same through a socket of the namespace. */
  public void restore(Netlink routes, int index, Tree now, boolean backwards) throws IOException {
    restore(new Control(routes, index), now, backwards);
  }

  void restore(Control control, Tree now, boolean backwards) throws IOException {
    if (now.equals(this)) {
      return;
    }
    Optional<Thing> root = root();
    Optional<Thing> there = now.root().filter(thing -> thing.handle() != 0);
    boolean given = given() || root.isEmpty();
    // a half made one is made anew: what is left of it may hold numbers that cannot be had again
    if (there.isPresent() && (given || there.get().handle() == root.get().handle())) {
      control.delete(there.get());
    }
    for (Thing thing : given ? List.<Thing>of() : order(backwards)) {
      int flags = Batch.CREATE | (thing.parent() == Thing.ROOT ? Batch.REPLACE : 0);
      control.make(List.of(new Control.Making(thing, flags)));
    }
  }

  /** Parents before what hangs on them, and filters at the end. */
  private List<Thing> order(boolean backwards) {
    List<Thing> left = new ArrayList<>();
    for (Thing each : things) {
      // without a handle it comes with its parent
      if (each.sort() != Thing.Sort.FILTER && each.handle() != 0) {
        left.add(each);
      }
    }
    if (backwards) {
      Collections.reverse(left);
    }
    List<Thing> order = new ArrayList<>();
    while (!left.isEmpty()) {
      Optional<Thing> next = left.stream().filter(each -> hangs(each, left)).findFirst();
      order.add(next.orElse(left.getFirst()));
      left.remove(next.orElse(left.getFirst()));
    }
    List<Thing> filters = new ArrayList<>();
    for (Thing each : things) {
      if (each.sort() == Thing.Sort.FILTER && !Filters.implied(each)) {
        filters.add(each);
      }
    }
    filters.sort(Comparator.comparingInt(Filters::turn)); // stable: else as they were told
    order.addAll(filters);
    return order;
  }

  /** Whether what it hangs on is there, so to say: not among those that are left. */
  private static boolean hangs(Thing thing, List<Thing> left) {
    return left.stream()
        .noneMatch(other ->
            !other.equals(thing)
                && (other.handle() == thing.parent()
                    || other.sort() == Thing.Sort.QDISC && other.handle() == thing.parentMajor()
                    || thing.sort() == Thing.Sort.CLASS
                        && other.sort() == Thing.Sort.QDISC
                        && other.handle() == thing.major()));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Tree tree && things.equals(tree.things);
  }

  @Override
  public int hashCode() {
    return things.hashCode();
  }

  @Override
  public String toString() {
    return things.toString();
  }
}
