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

  private Options() {}

  /** Without counters. */
  static byte[] lasting(Thing.Sort sort, String kind, byte[] options) {
    if (sort == Thing.Sort.QDISC && kind.equals("htb")) {
      return htb(options);
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
