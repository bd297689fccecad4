package io.faultd.rollback;

import java.util.Arrays;

/** Looks for bytes in bytes. */
final class Bytes {
  private Bytes() {}

  /** Where {@code part} is first in {@code whole}, not before {@code from}; -1 if nowhere. */
  static int indexOf(byte[] whole, byte[] part, int from) {
    for (int at = from; at + part.length <= whole.length; at++) {
      if (at(whole, part, at)) {
        return at;
      }
    }
    return -1;
  }

  /** Where {@code part} is last in {@code whole}; -1 if nowhere. */
  static int lastIndexOf(byte[] whole, byte[] part) {
    for (int at = whole.length - part.length; at >= 0; at--) {
      if (at(whole, part, at)) {
        return at;
      }
    }
    return -1;
  }

  private static boolean at(byte[] whole, byte[] part, int at) {
    return Arrays.equals(whole, at, at + part.length, part, 0, part.length);
  }

  /** One after the other. */
  static byte[] join(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
