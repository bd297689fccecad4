package io.faultd.linux.tc;

import io.faultd.linux.netlink.Attributes;

/** How filters are made again. */
final class Filters {
  private static final int TCA_U32_DIVISOR = 4;

  private Filters() {}

  /**
   * Whether a filter comes with others: the head of a priority, and the first hash table of u32,
   * which has no key of its own.
   */
  static boolean implied(Thing filter) {
    if (filter.handle() == 0) {
      return true;
    }
    return filter.kind().equals("u32")
        && (filter.handle() & 0xfffff) == 0
        && !divisor(filter).filter(tables -> tables > 1).isPresent();
  }

  /** What must be there for others goes first: the tables of u32, in the order of their numbers. */
  static int turn(Thing filter) {
    if (!filter.kind().equals("u32")) {
      return Integer.MAX_VALUE;
    }
    int table = filter.handle() >>> 20;
    return (divisor(filter).isPresent() ? 0 : 1 << 16) + table;
  }

  private static java.util.Optional<Long> divisor(Thing filter) {
    Attributes all = Attributes.of(filter.attributes(), 0);
    if (!all.has(Thing.TCA_OPTIONS)) {
      return java.util.Optional.empty();
    }
    Attributes options = all.nested(Thing.TCA_OPTIONS);
    return options.has(TCA_U32_DIVISOR)
        ? java.util.Optional.of(options.u32(TCA_U32_DIVISOR))
        : java.util.Optional.empty();
  }
}
