package io.faultd.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Attributes that the kernel sent: a copy, read at will.
 *
 * <p>Numbers are unsigned and in the machine's order unless the name says big-endian. Asking for a
 * value that is not there throws {@link IllegalStateException}: ask {@link #has} where it may not
 * be.
 */
public final class Attributes {
  private static final int TYPE = 0x3fff;
  private static final int NESTED = 0x8000;
  private static final int HEADER = 4;

  private final List<Attribute> all;

  /**
   * One of them.
   *
   * @param type without its flags
   * @param marked whether it is said to hold others (NLA_F_NESTED)
   * @param value its bytes
   */
  public record Attribute(int type, boolean marked, byte[] value) {
    /** Its value as attributes. */
    public Attributes nested() {
      return Attributes.of(value, 0);
    }
  }

  private Attributes(List<Attribute> all) {
    this.all = all;
  }

  /**
   * Those of some bytes.
   *
   * @param offset of the first
   */
  public static Attributes of(byte[] bytes, int offset) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    List<Attribute> all = new ArrayList<>();
    int at = offset;
    while (at + HEADER <= bytes.length) {
      int length = Short.toUnsignedInt(buffer.getShort(at));
      if (length < HEADER || at + length > bytes.length) {
        break;
      }
      byte[] value = new byte[length - HEADER];
      buffer.get(at + HEADER, value);
      int type = buffer.getShort(at + 2);
      all.add(new Attribute(type & TYPE, (type & NESTED) != 0, value));
      at += length + 3 & ~3;
    }
    return new Attributes(all);
  }

  /** The bytes of some attributes, as {@link #of} reads them. */
  public static byte[] written(List<Attribute> attributes) {
    int size = 0;
    for (Attribute each : attributes) {
      size += HEADER + each.value().length + 3 & ~3;
    }
    ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
    int at = 0;
    for (Attribute each : attributes) {
      int length = HEADER + each.value().length;
      bytes.putShort(at, (short) length);
      bytes.putShort(at + 2, (short) (each.type() | (each.marked() ? NESTED : 0)));
      bytes.put(at + HEADER, each.value());
      at += length + 3 & ~3;
    }
    return bytes.array();
  }

  /** All, in order; a list of things has one type many times. */
  public List<Attribute> all() {
    return all;
  }

  /** Whether there is one of this type. */
  public boolean has(int type) {
    return find(type).isPresent();
  }

  /** The value of the first of this type. */
  public Optional<byte[]> find(int type) {
    return all.stream().filter(each -> each.type() == type).map(Attribute::value).findFirst();
  }

  /** Its bytes. */
  public byte[] bytes(int type) {
    return find(type).orElseThrow(() -> new IllegalStateException("no attribute " + type));
  }

  /** The attributes in it. */
  public Attributes nested(int type) {
    return of(bytes(type), 0);
  }

  /** Its text, without the NUL. */
  public String text(int type) {
    byte[] bytes = bytes(type);
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }

  /** One byte. */
  public int u8(int type) {
    return Byte.toUnsignedInt(buffer(type, 1).get(0));
  }

  /** Two bytes. */
  public int u16(int type) {
    return Short.toUnsignedInt(buffer(type, 2).getShort(0));
  }

  /** Two bytes, big-endian. */
  public int be16(int type) {
    return Short.toUnsignedInt(buffer(type, 2).order(ByteOrder.BIG_ENDIAN).getShort(0));
  }

  /** Four bytes. */
  public long u32(int type) {
    return Integer.toUnsignedLong(buffer(type, 4).getInt(0));
  }

  /** Four bytes, big-endian. */
  public long be32(int type) {
    return Integer.toUnsignedLong(buffer(type, 4).order(ByteOrder.BIG_ENDIAN).getInt(0));
  }

  /** Eight bytes. */
  public long u64(int type) {
    return buffer(type, 8).getLong(0);
  }

  /** Eight bytes, big-endian. */
  public long be64(int type) {
    return buffer(type, 8).order(ByteOrder.BIG_ENDIAN).getLong(0);
  }

  /** The value as a structure, at least so long. */
  public ByteBuffer buffer(int type, int size) {
    byte[] bytes = bytes(type);
    if (bytes.length < size) {
      throw new IllegalStateException(
          "attribute %d has %d bytes, not %d".formatted(type, bytes.length, size));
    }
    return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
  }
}
