package io.faultd.linux.nft;

import java.util.List;

/**
 * A named set of a table: values that a rule looks up.
 *
 * @param name of the set, one of its table
 * @param type of the values
 * @param intervals without overlaps; single values of a protocol or an interface
 */
public record Values(String name, Type type, List<Interval> intervals) {
  /** What the values are; the numbers are those by which nft(8) knows how to print them. */
  public enum Type {
    /** An address of IPv4. */
    IPV4(7, 4),
    /** An address of IPv6. */
    IPV6(8, 16),
    /** A protocol above IP. */
    PROTOCOL(12, 1),
    /** A port. */
    PORT(13, 2),
    /** The name of an interface. */
    INTERFACE(41, 16);

    private final int number;
    private final int length;

    Type(int number, int length) {
      this.number = number;
      this.length = length;
    }

    int number() {
      return number;
    }

    int length() {
      return length;
    }
  }

  /**
   * Whether any are more than one; looked up by its size then, else by itself, which is quicker.
   */
  boolean ranged() {
    return intervals.stream().anyMatch(each -> !each.single());
  }
}
