package io.faultd.linux.tc;

import io.faultd.linux.netlink.Attributes;
import io.faultd.linux.netlink.Attributes.Attribute;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What TCA_OPTIONS say of a thing, and how they must be said to make one like it. */
final class Options {
  /** Counters among the options, and what the kernel gives anew: by kind of filter. */
  private static final Map<String, Set<Integer>> PASSING =
      Map.of(
          "u32", Set.of(9 /* TCA_U32_PCNT */, 12 /* TCA_U32_PAD */),
          "bpf", Set.of(10 /* TCA_BPF_TAG */, 11 /* TCA_BPF_ID */),
          "matchall", Set.of(4 /* TCA_MATCHALL_PCNT */, 5 /* TCA_MATCHALL_PAD */));

  /** Where a filter says whether hardware does it. */
  private static final Map<String, Integer> FLAGS =
      Map.of("u32", 11, "bpf", 9, "matchall", 3, "flower", 22);

  /** TCA_CLS_FLAGS_IN_HW and NOT_IN_HW, which the kernel sets itself. */
  private static final int HARDWARE = 4 | 8;

  private static final int TCA_HTB_INIT = 2;

  /** TARGET, INTERVAL and CE_THRESHOLD of these qdiscs, in microseconds. */
  private static final Map<String, Set<Integer>> TIMES =
      Map.of("codel", Set.of(1, 3, 5), "fq_codel", Set.of(1, 3, 7));

  /** SFQ_MAX_DEPTH in net/sched/sch_sfq.c: the limit of one that was told none. */
  private static final int SFQ_LIMIT = 127;

  /** The offset of the limit in struct tc_sfq_qopt, linux/pkt_sched.h. */
  private static final int SFQ_LIMIT_AT = 8;

  private Options() {}

  /** Without counters. */
  static byte[] lasting(Thing.Sort sort, String kind, byte[] options) {
    if (sort == Thing.Sort.QDISC && kind.equals("htb")) {
      return htb(options);
    }
    if (sort == Thing.Sort.QDISC && TIMES.containsKey(kind)) {
      return codel(options, TIMES.getOrDefault(kind, Set.of()));
    }
    if (sort == Thing.Sort.QDISC && kind.equals("sfq")) {
      return sfq(options);
    }
    if (sort != Thing.Sort.FILTER) {
      return options;
    }
    List<Attribute> kept = new ArrayList<>();
    for (Attribute each : Attributes.of(options, 0).all()) {
      if (each.type() == FLAGS.getOrDefault(kind, -1)) {
        int flags = ByteBuffer.wrap(each.value()).order(ByteOrder.nativeOrder()).getInt();
        byte[] value =
            ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(flags & ~HARDWARE).array();
        kept.add(new Attribute(each.type(), each.marked(), value));
      } else if (!PASSING.getOrDefault(kind, Set.of()).contains(each.type())) {
        kept.add(each);
      }
    }
    return Attributes.written(kept);
  }

  /**
   * The kernel keeps times in units of 1024 ns and rounds down both when it is told and when it
   * tells (codel_time_to_us in net/codel.h): what it tells, told again, would be less.
   */
  private static byte[] codel(byte[] options, Set<Integer> times) {
    List<Attribute> told = new ArrayList<>();
    for (Attribute each : Attributes.of(options, 0).all()) {
      byte[] value = each.value().clone();
      if (times.contains(each.type())) {
        ByteBuffer time = ByteBuffer.wrap(value).order(ByteOrder.nativeOrder());
        long kept = Math.ceilDiv(Integer.toUnsignedLong(time.getInt(0)) * 1000, 1024);
        time.putInt(0, (int) Math.ceilDiv(kept * 1024, 1000));
      }
      told.add(new Attribute(each.type(), each.marked(), value));
    }
    return Attributes.written(told);
  }

  /**
   * Tells no limit where there is the kernel's own: told it, newer ones allow no more flows than
   * that, and there are 128 where nothing was told.
   */
  private static byte[] sfq(byte[] options) {
    byte[] told = options.clone();
    ByteBuffer all = ByteBuffer.wrap(told).order(ByteOrder.nativeOrder());
    if (told.length >= SFQ_LIMIT_AT + 4 && all.getInt(SFQ_LIMIT_AT) == SFQ_LIMIT) {
      all.putInt(SFQ_LIMIT_AT, 0);
    }
    return told;
  }

  /** Tells its version as it must be told (the upper half), and no count of direct packets. */
  private static byte[] htb(byte[] options) {
    List<Attribute> told = new ArrayList<>();
    for (Attribute each : Attributes.of(options, 0).all()) {
      byte[] value = each.value().clone();
      if (each.type() == TCA_HTB_INIT) {
        ByteBuffer init = ByteBuffer.wrap(value).order(ByteOrder.nativeOrder());
        init.putInt(0, init.getInt(0) >> 16).putInt(16, 0);
      }
      told.add(new Attribute(each.type(), each.marked(), value));
    }
    return Attributes.written(told);
  }
}
