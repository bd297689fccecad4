package io.faultd.os.network;

import java.math.BigInteger;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An address of IPv4 or IPv6, or all that begin with the same bits.
 *
 * @param address with nothing behind those bits
 * @param bits how many; 32 or 128 for one address
 */
record Prefix(InetAddress address, int bits) {
  private static final Pattern FORM =
      Pattern.compile(
          "([0-9]{1,3}(?:\\.[0-9]{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)(?:/(\\d{1,3}))?");

  /**
   * Reads {@code ADDRESS} or {@code ADDRESS/BITS}; names are not looked up, since what they stand
   * for changes.
   *
   * @throws IllegalArgumentException if it is neither
   */
  static Prefix parse(String text) {
    Matcher match = FORM.matcher(text);
    if (!match.matches()) {
      throw new IllegalArgumentException(
          text + " is no address; 192.0.2.1, 192.0.2.0/24, 2001:db8::1 or 2001:db8::/32 is");
    }
    InetAddress address;
    try {
      address = InetAddress.getByName(match.group(1));
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(text + " is no address of IPv4 or IPv6", e);
    }
    int longest = address.getAddress().length * 8;
    int bits = match.group(2) == null ? longest : Integer.parseInt(match.group(2));
    if (bits > longest) {
      throw new IllegalArgumentException(
          "%s: a prefix of %s has at most %d bits"
              .formatted(text, longest == 32 ? "IPv4" : "IPv6", longest));
    }
    return new Prefix(masked(address, bits), bits);
  }

  private static InetAddress masked(InetAddress address, int bits) {
    byte[] bytes = address.getAddress();
    for (int bit = bits; bit < bytes.length * 8; bit++) {
      bytes[bit / 8] &= (byte) ~(0x80 >> bit % 8);
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // it has the length that it had
    }
  }

  /** Whether it is of IPv6. */
  boolean wide() {
    return address instanceof Inet6Address;
  }

  /** Its first address. */
  byte[] first() {
    return address.getAddress();
  }

  /** Its last address. */
  byte[] last() {
    byte[] bytes = address.getAddress();
    for (int bit = bits; bit < bytes.length * 8; bit++) {
      bytes[bit / 8] |= (byte) (0x80 >> bit % 8);
    }
    return bytes;
  }

  /** Whether all of the other is in this one. */
  boolean contains(Prefix other) {
    return wide() == other.wide()
        && bits <= other.bits
        && masked(other.address, bits).equals(address);
  }

  /** Whether each of {@code some} is in one of {@code all}. */
  static boolean covered(List<Prefix> some, List<Prefix> all) {
    return some.stream().allMatch(part -> all.stream().anyMatch(each -> each.contains(part)));
  }

  /** Whether an address is in both. */
  static boolean meet(List<Prefix> one, List<Prefix> other) {
    return one.stream().anyMatch(a -> other.stream().anyMatch(b -> a.contains(b) || b.contains(a)));
  }

  /** Those of one kind, in order, none of them within another. */
  static List<Prefix> disjoint(List<Prefix> all, boolean wide) {
    List<Prefix> left = new ArrayList<>();
    all.stream()
        .filter(each -> each.wide() == wide)
        .sorted((a, b) -> {
          int order = new BigInteger(1, a.first()).compareTo(new BigInteger(1, b.first()));
          return order == 0 ? Integer.compare(a.bits, b.bits) : order;
        })
        .filter(each -> left.isEmpty() || !left.getLast().contains(each))
        .forEach(left::add);
    return left;
  }

  @Override
  public String toString() {
    String text = address.getHostAddress();
    return bits == address.getAddress().length * 8 ? text : text + "/" + bits;
  }
}
