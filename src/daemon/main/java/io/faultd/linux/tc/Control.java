package io.faultd.linux.tc;

import io.faultd.linux.netlink.Answer;
import io.faultd.linux.netlink.Batch;
import io.faultd.linux.netlink.Message;
import io.faultd.linux.netlink.Netlink;
import io.faultd.linux.ns.Network;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The traffic control of one interface, spoken to through a socket of its network namespace.
 *
 * @param netlink the socket, which is closed with this
 * @param index of the interface
 */
record Control(Netlink netlink, int index) implements AutoCloseable {
  /**
   * The kernel answers all of a batch before anything is read, and an answer to each that is
   * refused must fit into what the socket keeps (212,992 bytes by default, some 900 for each).
   */
  private static final int AT_ONCE = 100;

  static Control open(Network network, int index) throws IOException {
    return new Control(Netlink.routes(network), index);
  }

  /** All qdiscs that are shown. */
  List<Thing> qdiscs() throws IOException {
    return told(Thing.Sort.QDISC, 0);
  }

  /** The classes of all qdiscs. */
  List<Thing> classes() throws IOException {
    return told(Thing.Sort.CLASS, 0);
  }

  /**
   * The qdiscs (ingress, clsact) that filter packets as they come in, or before they go to the
   * root, of all interfaces: their kinds by the index.
   */
  static Map<Integer, String> hooks(Netlink netlink) throws IOException {
    Map<Integer, String> hooks = new HashMap<>();
    for (Answer answer : netlink.dump(asking(Thing.Sort.QDISC, 0, 0))) {
      if (answer.header().getInt(12) == Thing.INGRESS) {
        hooks.put(answer.header().getInt(4), answer.attributes(Thing.HEADER).text(Thing.TCA_KIND));
      }
    }
    return hooks;
  }

  /** The filters on a qdisc or class. */
  List<Thing> filters(int parent) throws IOException {
    return told(Thing.Sort.FILTER, parent);
  }

  private List<Thing> told(Thing.Sort sort, int parent) throws IOException {
    List<Thing> things = new ArrayList<>();
    for (Answer answer : answers(sort, parent)) {
      things.add(Thing.of(sort, answer));
    }
    return things;
  }

  /** What the kernel tells of them, with counters. */
  List<Answer> answers(Thing.Sort sort, int parent) throws IOException {
    List<Answer> ours = new ArrayList<>();
    for (Answer answer : netlink.dump(asking(sort, index, parent))) {
      if (answer.type() == sort.made() && answer.header().getInt(4) == index) {
        ours.add(answer);
      }
    }
    return ours;
  }

  private static Batch asking(Thing.Sort sort, int index, int parent) {
    return Netlink.asking(
        "list " + sort,
        sort.asking(),
        m -> m.put32(0).put32(index).put32(0).put32(parent).put32(0));
  }

  /**
   * A thing that is to be made, or changed.
   *
   * @param flags of {@link Batch}
   */
  record Making(Thing thing, int flags) {}

  /**
   * Makes things in order, up to the first that is refused; those that go with it in one batch may
   * be made all the same.
   */
  void make(List<Making> makings) throws IOException {
    for (int from = 0; from < makings.size(); from += AT_ONCE) {
      Batch batch = new Batch();
      for (Making each : makings.subList(from, Math.min(makings.size(), from + AT_ONCE))) {
        Thing thing = each.thing();
        String what = "make " + thing.describe();
        header(batch.silent(what, thing.sort().made(), each.flags()), thing)
            .text(Thing.TCA_KIND, thing.kind())
            .put(thing.attributes());
      }
      batch.acknowledgeLast();
      netlink.send(batch);
    }
  }

  /** Deletes a thing. */
  void delete(Thing thing) throws IOException {
    Batch batch = new Batch();
    header(batch.message("delete " + thing.describe(), thing.sort().deleting(), 0), thing);
    netlink.send(batch);
  }

  private Message header(Message message, Thing thing) {
    int info = thing.sort() == Thing.Sort.FILTER ? thing.info() : 0;
    return message.put32(0).put32(index).put32(thing.handle()).put32(thing.parent()).put32(info);
  }

  @Override
  public void close() {
    netlink.close();
  }
}
