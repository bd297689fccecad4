package io.faultd.linux.nft;

import java.math.BigInteger;
import java.util.Arrays;

/**
 * Values from one to another, both included, as big-endian bytes of the same length.
 *
 * @param first the smallest
 * @param last the largest
 */
public record Interval(byte[] first, byte[] last) {
  /** One value. */
  public static Interval of(byte[] value) {
    return new Interval(value, value);
  }

  /** Numbers of two bytes, such as ports. */
  public static Interval of16(int first, int last) {
    return new Interval(bytes(first), bytes(last));
  }

  private static byte[] bytes(int number) {
    return new byte[] {(byte) (number >> 8), (byte) number};
  }

  /** Whether it is one value. */
  public boolean single() {
    return Arrays.equals(first, last);
  }

  /** Whether no value follows. */
  boolean endless() {
    for (byte each : last) {
      if (each != -1) {
        return false;
      }
    }
    return true;
  }

  /** The value behind the last. */
  byte[] end() {
    byte[] next = new BigInteger(1, last).add(BigInteger.ONE).toByteArray();
    byte[] end = new byte[last.length];
    int length = Math.min(next.length, end.length);
    System.arraycopy(next, next.length - length, end, end.length - length, length);
    return end;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Interval that
        && Arrays.equals(first, that.first)
        && Arrays.equals(last, that.last);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(first) * 31 + Arrays.hashCode(last);
  }
}
