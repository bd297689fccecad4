package io.faultd.testing;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A message of the Container Runtime Interface, written and read field by field, so that tests ask
 * a runtime for what faultd itself never does.
 */
final class CriMessage {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** A number, boolean or enum; zero is left out. */
  CriMessage number(int field, long value) {
    if (value != 0) {
      varint((long) field << 3);
      varint(value);
    }
    return this;
  }

  /** A text; an empty one is left out. */
  CriMessage text(int field, String value) {
    return value.isEmpty() ? this : bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  /** A message in this one. */
  CriMessage message(int field, CriMessage value) {
    return bytes(field, value.toBytes());
  }

  /** An entry of a map from text to text. */
  CriMessage entry(int field, String key, String value) {
    return message(field, new CriMessage().text(1, key).text(2, value));
  }

  byte[] toBytes() {
    return out.toByteArray();
  }

  private CriMessage bytes(int field, byte[] value) {
    varint((long) field << 3 | 2);
    varint(value.length);
    out.writeBytes(value);
    return this;
  }

  private void varint(long value) {
    long rest = value;
    while ((rest & ~127L) != 0) {
      out.write((int) (rest & 127 | 128));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  /** The texts, bytes and messages of a field; numbers are skipped. */
  static List<byte[]> fields(byte[] message, int wanted) {
    List<byte[]> found = new ArrayList<>();
    int[] at = {0};
    while (at[0] < message.length) {
      long key = varint(message, at);
      long value = varint(message, at);
      if ((key & 7) == 2) {
        byte[] bytes = Arrays.copyOfRange(message, at[0], at[0] + (int) value);
        at[0] += (int) value;
        if (key >>> 3 == wanted) {
          found.add(bytes);
        }
      }
    }
    return found;
  }

  /** The first of those as text; empty if there is none. */
  static String text(byte[] message, int wanted) {
    List<byte[]> found = fields(message, wanted);
    return found.isEmpty() ? "" : new String(found.getFirst(), StandardCharsets.UTF_8);
  }

  private static long varint(byte[] bytes, int[] at) {
    long value = 0;
    int shift = 0;
    byte next;
    do {
      next = bytes[at[0]++];
      value |= (next & 127L) << shift;
      shift += 7;
    } while (next < 0);
    return value;
  }
}
