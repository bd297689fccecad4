package io.faultd.linux.tc;

import io.faultd.linux.netlink.Attributes;
import io.faultd.linux.netlink.Message;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A class of our tree and the qdisc in it.
 *
 * @param id of the class
 * @param parent of the class
 * @param rate guaranteed, bytes in a second
 * @param ceiling at most, bytes in a second
 * @param burst bytes at once
 * @param impairing what is done to its packets besides
 */
record Queue(int id, int parent, long rate, long ceiling, long burst, List<Band> impairing) {
  static final int TCA_STATS2 = 7;

  private static final int INNER = 0x2000;
  private static final int TCA_HTB_PARMS = 1;
  private static final int TCA_HTB_RATE64 = 6;
  private static final int TCA_HTB_CEIL64 = 7;
  private static final int TCA_NETEM_LATENCY64 = 10;
  private static final int TCA_NETEM_JITTER64 = 11;

  /** Of struct tc_htb_opt, where the second rate is. */
  private static final int CEILING = 20;

  /** Of struct tc_netem_qopt, where the loss is, and where it ends. */
  private static final int LOSS = 8;

  private static final int NETEM = 24;

  /** As much as no link carries: 100 Gbit/s. */
  private static final long FREE = 12_500_000_000L;

  private static final long FREE_BURST = 1 << 21;
  private static final long SMALLEST_BURST = 1600;

  /** So many packets wait at most where the rate is limited. */
  private static final int WAITING = 1000;

  private static final int HELD = 100_000;
  private static final int QUANTUM = 60_000;
  private static final long TICK_NANOS = 64;
  private static final long MOST_32 = 0xffffffffL;

  static boolean isLeaf(int id) {
    return (id & 0xf000) == BandTree.LEAF;
  }

  /** The class that all packets of a limit go through. */
  static int inner(Band limit) {
    return BandTree.HANDLE | INNER | limit.bit();
  }

  /** What a class may send at most in a second, in bytes; as the kernel tells its options. */
  static long ceiling(Attributes options) {
    return options.has(TCA_HTB_CEIL64)
        ? options.u64(TCA_HTB_CEIL64)
        : Integer.toUnsignedLong(options.buffer(TCA_HTB_PARMS, 24).getInt(CEILING));
  }

  /** Whether a netem, as the kernel tells its options, does what a band by itself asks for. */
  static boolean impairs(byte[] options, Band band) {
    Attributes more = Attributes.of(options, NETEM);
    return loses(options, band)
        && (!more.has(TCA_NETEM_LATENCY64) || more.u64(TCA_NETEM_LATENCY64) == band.delay())
        && (!more.has(TCA_NETEM_JITTER64) || more.u64(TCA_NETEM_JITTER64) == band.jitter());
  }

  /** Whether a netem loses as many packets as a band by itself. */
  static boolean loses(byte[] options, Band band) {
    int lost = ByteBuffer.wrap(options).order(ByteOrder.nativeOrder()).getInt(LOSS);
    return Integer.toUnsignedLong(lost) == lost(1 - band.loss());
  }

  /** All that a set of bands needs, parents first. */
  static Map<Integer, Queue> all(List<Band> bands) {
    List<Band> impairing = bands.stream().filter(band -> !band.limits()).toList();
    List<Queue> queues = new ArrayList<>();
    int combinations = 1 << impairing.size();
    for (Band limit : bands) {
      if (limit.limits()) {
        int inner = inner(limit);
        queues.add(
            new Queue(
                inner, BandTree.HANDLE, limit.rate(), limit.rate(), limit.burst(), List.of()));
        for (int chosen = 0; chosen < combinations; chosen++) {
          queues.add(limited(limit, inner, chosen(impairing, chosen), combinations));
        }
      }
    }
    for (int chosen = 1; chosen < combinations; chosen++) {
      List<Band> some = chosen(impairing, chosen);
      queues.add(new Queue(leaf(0, some), BandTree.HANDLE, FREE, FREE, FREE_BURST, some));
    }
    Map<Integer, Queue> all = new LinkedHashMap<>();
    queues.forEach(queue -> all.put(queue.id, queue));
    return all;
  }

  private static Queue limited(Band limit, int inner, List<Band> impairing, int siblings) {
    long share = Math.max(1, limit.rate() / siblings);
    long burst = siblings == 1 ? limit.burst() : Math.max(SMALLEST_BURST, limit.burst() / siblings);
    return new Queue(leaf(limit.bit(), impairing), inner, share, limit.rate(), burst, impairing);
  }

  private static List<Band> chosen(List<Band> bands, int bits) {
    List<Band> chosen = new ArrayList<>();
    for (int i = 0; i < bands.size(); i++) {
      if ((bits & 1 << i) != 0) {
        chosen.add(bands.get(i));
      }
    }
    return chosen;
  }

  private static int leaf(int limit, List<Band> impairing) {
    int bits = limit;
    for (Band each : impairing) {
      bits |= each.bit();
    }
    return BandTree.HANDLE | BandTree.LEAF | bits;
  }

  /** The class. */
  Thing thing() {
    byte[] attributes =
        Thing.attributes(message ->
            message.plainNest(
                Thing.TCA_OPTIONS,
                options -> {
                  options.plainNest(TCA_HTB_PARMS, this::parameters);
                  if (rate > MOST_32) {
                    options.u64(TCA_HTB_RATE64, rate);
                  }
                  if (ceiling > MOST_32) {
                    options.u64(TCA_HTB_CEIL64, ceiling);
                  }
                }));
    return new Thing(Thing.Sort.CLASS, id, parent, 0, "htb", attributes);
  }

  /** struct tc_htb_opt: two rates, two buffers, quantum, level, priority. */
  private void parameters(Message message) {
    speed(message, rate);
    speed(message, ceiling);
    message.put32(ticks(burst, rate)).put32(ticks(burst, ceiling));
    message.put32(QUANTUM).put32(0).put32(0);
  }

  /** struct tc_ratespec, of Ethernet, so that the kernel needs no table. */
  private static void speed(Message message, long bytes) {
    message.put8(0).put8(1).put16(0).put16(-1).put16(0).put32(Math.min(bytes, MOST_32));
  }

  private static long ticks(long bytes, long rate) {
    double nanos = bytes * 1e9 / rate;
    return (long) Math.max(1, Math.min(nanos / TICK_NANOS, MOST_32));
  }

  /** The qdisc in the class, if packets wait in it. */
  Optional<Thing> inner() {
    if (!isLeaf(id)) {
      return Optional.empty();
    }
    byte[] attributes =
        impairing.isEmpty()
            ? Thing.attributes(message -> message.bytes(Thing.TCA_OPTIONS, word(WAITING)))
            : Thing.attributes(message -> message.plainNest(Thing.TCA_OPTIONS, this::netem));
    String kind = impairing.isEmpty() ? "pfifo" : "netem";
    return Optional.of(new Thing(Thing.Sort.QDISC, 0, id, 0, kind, attributes));
  }

  private static long lost(double kept) {
    return (long) Math.rint((1 - kept) * MOST_32);
  }

  private static byte[] word(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(value).array();
  }

  /** struct tc_netem_qopt and attributes: what all do to a packet, one after the other. */
  private void netem(Message message) {
    long delay = 0;
    long jitter = 0;
    double kept = 1;
    for (Band each : impairing) {
      delay += each.delay();
      jitter += each.jitter();
      kept *= 1 - each.loss();
    }
    message
        .put32(Math.min(delay / TICK_NANOS, MOST_32))
        .put32(HELD)
        .put32(lost(kept))
        .put32(0)
        .put32(0)
        .put32(Math.min(jitter / TICK_NANOS, MOST_32));
    message.u64(TCA_NETEM_LATENCY64, delay).u64(TCA_NETEM_JITTER64, jitter);
  }
}
