package io.faultd.linux.tc;

import io.faultd.linux.Mark;
import io.faultd.linux.netlink.Answer;
import io.faultd.linux.netlink.Attributes;
import io.faultd.linux.netlink.Batch;
import io.faultd.linux.netlink.Netlink;
import io.faultd.linux.ns.Network;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * Our own tree on an interface: HTB, with a class for each combination of experiments that a packet
 * can belong to, and one filter that tells which. Packets of no experiment pass by all classes.
 *
 * <p>What the tree is to be follows from its bands alone, so that whoever comes or goes, after
 * whatever death, makes of the tree that is there the one that is to be.
 */
public final class BandTree {
  /** By which we know it: FA17 is "fault" in hexadecimal digits. */
  static final int HANDLE = 0xfa170000;

  /** Minor numbers of classes that packets go to: with the bits of their experiments. */
  static final int LEAF = 0x1000;

  private static final String HTB = "htb";
  private static final int TCA_BPF_CLASSID = 3;
  private static final int TCA_BPF_OPS_LEN = 4;
  private static final int TCA_BPF_OPS = 5;
  private static final int TCA_STATS_BASIC = 1;
  private static final int TCA_STATS_QUEUE = 3;
  private static final int TCA_STATS_APP = 4;

  /** Priority 1, all protocols (ETH_P_ALL, big-endian). */
  private static final int FILTER = 1 << 16 | 0x0300;

  /** Who looks sees no tree that is half made. */
  private static final ReadWriteLock CHANGING = new ReentrantReadWriteLock();

  private BandTree() {}

  /** Whether a tree is ours, whoever it is of. */
  public static boolean is(Tree tree) {
    return tree.root()
        .filter(root -> root.handle() == HANDLE && root.kind().equals(HTB))
        .isPresent();
  }

  /**
   * Makes it so; other experiments' packets go on as they did.
   *
   * @param bands of all experiments of the interface, at least one
   * @throws IOException if the kernel refuses
   */
  public static void apply(Network network, int index, List<Band> bands) throws IOException {
    try (Netlink routes = Netlink.routes(network)) {
      apply(routes, index, bands);
    }
  }

  /** The same through a socket of the namespace. */
  public static void apply(Netlink routes, int index, List<Band> bands) throws IOException {
    CHANGING.writeLock().lock();
    try {
      apply(new Control(routes, index), bands);
    } finally {
      CHANGING.writeLock().unlock();
    }
  }

  private static void apply(Control control, List<Band> bands) throws IOException {
    Map<Integer, Queue> wanted = Queue.all(bands);
    boolean fresh = !is(control);
    List<Control.Making> makings = new ArrayList<>();
    if (fresh) {
      makings.add(new Control.Making(qdisc(), Batch.CREATE | Batch.REPLACE));
    } else {
      removeMisplaced(control, wanted);
    }
    for (Queue queue : wanted.values()) { // parents come first; one that is there is changed
      makings.add(new Control.Making(queue.thing(), Batch.CREATE));
      queue
          .inner()
          .map(inner -> new Control.Making(inner, Batch.CREATE | Batch.REPLACE))
          .ifPresent(makings::add);
    }
    makings.add(new Control.Making(filter(bands), Batch.CREATE));
    control.make(makings);
    if (!fresh) {
      removeSurplus(control, wanted);
    }
  }

  private static boolean is(Control control) throws IOException {
    return is(control.qdiscs());
  }

  private static boolean is(List<Thing> qdiscs) {
    return qdiscs.stream()
        .anyMatch(each ->
            each.parent() == Thing.ROOT && each.handle() == HANDLE && each.kind().equals(HTB));
  }

  /** Of another experiment that had this slot. */
  private static void removeMisplaced(Control control, Map<Integer, Queue> wanted)
      throws IOException {
    for (Thing each : control.classes()) {
      Queue same = wanted.get(each.handle());
      int parent = each.parent() == Thing.ROOT ? HANDLE : each.parent();
      if (same != null && same.parent() != parent) {
        control.delete(each);
      }
    }
  }

  /** What nobody is sent to any more, the leaves before what they hang on. */
  private static void removeSurplus(Control control, Map<Integer, Queue> wanted)
      throws IOException {
    List<Thing> surplus = new ArrayList<>();
    for (Thing each : control.classes()) {
      if (each.major() == HANDLE && !wanted.containsKey(each.handle())) {
        surplus.add(Queue.isLeaf(each.handle()) ? 0 : surplus.size(), each);
      }
    }
    for (Thing each : surplus) {
      control.delete(each);
    }
  }

  /** Whether the kernel takes the program that tells which packets are whose. */
  public static boolean fits(List<Band> bands) {
    return Classifier.of(bands).fits();
  }

  private static Thing qdisc() {
    byte[] attributes =
        Thing.attributes(message ->
            message.plainNest(
                Thing.TCA_OPTIONS,
                // version, rate to quantum, default class: none, debug, direct packets; and room
                // for those, whatever the interface has
                options ->
                    options
                        .plainNest(2, i -> i.put32(3).put32(10).put32(0).put32(0).put32(0))
                        .u32(5, 1000)));
    return new Thing(Thing.Sort.QDISC, HANDLE, Thing.ROOT, 0, HTB, attributes);
  }

  private static Thing filter(List<Band> bands) {
    byte[] program = Classifier.of(bands).machine();
    byte[] attributes =
        Thing.attributes(message ->
            message.plainNest(
                Thing.TCA_OPTIONS,
                options ->
                    options
                        .u32(TCA_BPF_CLASSID, HANDLE)
                        .u16(TCA_BPF_OPS_LEN, program.length / 8)
                        .bytes(TCA_BPF_OPS, program)));
    return new Thing(Thing.Sort.FILTER, 1, HANDLE, FILTER, "bpf", attributes);
  }

  /**
   * What has gone through the classes of one experiment.
   *
   * @param packets how many, lost ones included; segments that are handed on together are one
   * @param bytes of those that were not lost, with the header of the link
   * @param lost how many of the packets
   * @param alone how many of the packets no other experiment loses as well
   * @param lostAlone how many of those were lost
   */
  public record Count(long packets, long bytes, long lost, long alone, long lostAlone) {
    /** Nothing yet. */
    public static final Count NONE = new Count(0, 0, 0, 0, 0);

    /** Both together. */
    public Count and(Count other) {
      return new Count(
          packets + other.packets,
          bytes + other.bytes,
          lost + other.lost,
          alone + other.alone,
          lostAlone + other.lostAlone);
    }
  }

  /**
   * Counts.
   *
   * @return for each class, by its number; empty if the tree, or the filter, is not there
   */
  public static Map<Integer, Count> counts(Network network, int index) throws IOException {
    try (Netlink routes = Netlink.routes(network)) {
      return counts(new Control(routes, index), null);
    }
  }

  /**
   * Counts for one experiment.
   *
   * @param routes a socket of the namespace
   * @param band of the experiment
   * @return for each of its classes; empty if the tree, or any part of what does the work of the
   *     band, is not there as it was made
   */
  public static Map<Integer, Count> countsOf(Netlink routes, int index, Band band)
      throws IOException {
    return counts(new Control(routes, index), band);
  }

  private static Map<Integer, Count> counts(Control control, @Nullable Band band)
      throws IOException {
    Map<Integer, Count> counts = new LinkedHashMap<>();
    CHANGING.readLock().lock();
    try {
      List<Thing> qdiscs = control.qdiscs();
      if (!is(qdiscs) || control.filters(HANDLE).isEmpty()) {
        return counts;
      }
      List<Answer> classes = control.answers(Thing.Sort.CLASS, 0);
      BandSight sight = new BandSight(qdiscs, classes);
      if (band != null && !sight.whole(band)) {
        return counts;
      }
      for (Answer answer : classes) {
        int handle = answer.header().getInt(8);
        Attributes all = answer.attributes(Thing.HEADER);
        if ((handle & 0xffff0000) == HANDLE
            && (band == null ? Queue.isLeaf(handle) : of(handle, band.slot()))
            && all.has(Queue.TCA_STATS2)) {
          boolean alone = band != null && sight.losesAlone(handle, band);
          counts.put(handle, count(all.nested(Queue.TCA_STATS2), alone));
        }
      }
      return counts;
    } finally {
      CHANGING.readLock().unlock();
    }
  }

  /**
   * The kernel counts the segments of what goes on together as so many packets, and as one of what
   * is lost. So what goes on is taken from lends and borrows (struct tc_htb_xstats), which have
   * each once.
   */
  private static Count count(Attributes statistics, boolean alone) {
    long bytes =
        statistics.has(TCA_STATS_BASIC) ? statistics.buffer(TCA_STATS_BASIC, 12).getLong(0) : 0;
    long lost = word(statistics, TCA_STATS_QUEUE, 8);
    long packets = lost + word(statistics, TCA_STATS_APP, 0) + word(statistics, TCA_STATS_APP, 4);
    return new Count(packets, bytes, lost, alone ? packets : 0, alone ? lost : 0);
  }

  private static long word(Attributes statistics, int type, int offset) {
    return statistics.has(type)
        ? Integer.toUnsignedLong(statistics.buffer(type, offset + 4).getInt(offset))
        : 0;
  }

  /**
   * What the programs of a tree of ours say of whom they are.
   *
   * @return the marks, one for each experiment; empty if the tree has no filter yet
   */
  public static List<Mark> marks(Network network, int index) throws IOException {
    List<Mark> marks = new ArrayList<>();
    try (Control control = Control.open(network, index)) {
      for (Thing filter : control.filters(HANDLE)) {
        Attributes all = Attributes.of(filter.attributes(), 0);
        if (all.has(Thing.TCA_OPTIONS) && all.nested(Thing.TCA_OPTIONS).has(TCA_BPF_OPS)) {
          Program.notes(all.nested(Thing.TCA_OPTIONS).bytes(TCA_BPF_OPS)).stream()
              .map(Mark::ofLabel)
              .flatMap(Optional::stream)
              .forEach(marks::add);
        }
      }
    }
    return marks;
  }

  /**
   * Takes a tree of ours away, whoever it is of; the kernel then gives the interface what it gives
   * any.
   */
  public static void remove(Network network, int index) throws IOException {
    try (Control control = Control.open(network, index)) {
      if (is(control)) {
        control.delete(qdisc());
      }
    }
  }

  /** Whether a class, by its number, is of a slot. */
  static boolean of(int id, int slot) {
    return (id & 0xffff0000) == HANDLE && Queue.isLeaf(id) && (id & 1 << slot) != 0;
  }
}
