package io.faultd.linux.nft;

import java.util.List;

/**
 * A named set of a table: values that a rule looks up.
 *
 * @param name of the set, one of its table
 * @param type of the values
 * @param intervals without overlaps; single values where {@link Type#ranged} is false
 */
public record Values(String name, Type type, List<Interval> intervals) {
  /** What the values are; the numbers are those by which nft(8) knows how to print them. */
  public enum Type {
    /** An address of IPv4. */
    IPV4(7, 4, true),
    /** An address of IPv6. */
    IPV6(8, 16, true),
    /** A protocol above IP. */
    PROTOCOL(12, 1, false),
    /** A port. */
    PORT(13, 2, true),
    /** The name of an interface. */
    INTERFACE(41, 16, false);

    private final int number;
    private final int length;
    private final boolean ranged;

    Type(int number, int length, boolean ranged) {
      this.number = number;
      this.length = length;
      this.ranged = ranged;
    }

    int number() {
      return number;
    }

    int length() {
      return length;
    }

    boolean ranged() {
      return ranged;
    }
  }
}
