package io.faultd.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * A message being written: first the fixed header of its family ({@code put...}), then attributes.
 *
 * <p>Numbers are in the machine's order unless the name says big-endian ({@code be}), as most of
 * nfnetlink wants them. Attributes are aligned to 4 bytes and at most 65,531 bytes long.
 */
public final class Message {
  private static final int NESTED = 0x8000;
  private static final int ALIGNMENT = 4;
  private static final int CONTENT = 256;
  private static final int LONGEST = 0xffff;

  private ByteBuffer buffer;

  Message(int capacity) {
    buffer = ByteBuffer.allocate(capacity).order(ByteOrder.nativeOrder());
  }

  /** Attributes without a message, as bytes. */
  public static byte[] content(Consumer<Message> content) {
    Message message = new Message(CONTENT);
    content.accept(message);
    return message.pad().bytes();
  }

  /** A byte as it is, for fixed headers and structures. */
  public Message put8(int value) {
    room(1).put((byte) value);
    return this;
  }

  /** Two bytes as they are. */
  public Message put16(int value) {
    room(2).putShort((short) value);
    return this;
  }

  /** Two bytes, big-endian. */
  public Message putBe16(int value) {
    room(2).putShort(swapped((short) value));
    return this;
  }

  /** Four bytes as they are. */
  public Message put32(long value) {
    room(4).putInt((int) value);
    return this;
  }

  /** Four bytes, big-endian. */
  public Message putBe32(long value) {
    room(4).putInt(big((int) value));
    return this;
  }

  /** Eight bytes as they are. */
  public Message put64(long value) {
    room(8).putLong(value);
    return this;
  }

  /** Bytes as they are. */
  public Message put(byte[] bytes) {
    room(bytes.length).put(bytes);
    return this;
  }

  /** An attribute without a value. */
  public Message flag(int type) {
    return bytes(type, new byte[0]);
  }

  /** An attribute of one byte. */
  public Message u8(int type, int value) {
    return header(type, 1).put8(value).pad();
  }

  /** An attribute of two bytes. */
  public Message u16(int type, int value) {
    return header(type, 2).put16(value).pad();
  }

  /** An attribute of two bytes, big-endian. */
  public Message be16(int type, int value) {
    return header(type, 2).putBe16(value).pad();
  }

  /** An attribute of four bytes. */
  public Message u32(int type, long value) {
    return header(type, 4).put32(value);
  }

  /** An attribute of four bytes, big-endian. */
  public Message be32(int type, long value) {
    return header(type, 4).putBe32(value);
  }

  /** An attribute of eight bytes. */
  public Message u64(int type, long value) {
    return header(type, 8).put64(value);
  }

  /** An attribute of eight bytes, big-endian. */
  public Message be64(int type, long value) {
    header(type, 8);
    room(8)
        .putLong(
            ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? value : Long.reverseBytes(value));
    return this;
  }

  /** An attribute that is text, ended by a NUL. */
  public Message text(int type, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    return header(type, bytes.length + 1).put(bytes).put8(0).pad();
  }

  /** An attribute of any bytes. */
  public Message bytes(int type, byte[] value) {
    return header(type, value.length).put(value).pad();
  }

  /** An attribute that holds others, marked as such (NLA_F_NESTED). */
  public Message nest(int type, Consumer<Message> content) {
    return plainNest(type | NESTED, content);
  }

  /** The same without the mark, as traffic control writes it; may begin with a structure. */
  public Message plainNest(int type, Consumer<Message> content) {
    pad();
    int start = buffer.position();
    put16(0).put16(type);
    content.accept(this);
    int length = buffer.position() - start;
    if (length > LONGEST) {
      throw new IllegalArgumentException(
          "attribute " + (type & ~NESTED) + ": " + length + " bytes");
    }
    buffer.putShort(start, (short) length);
    return pad();
  }

  private Message header(int type, int length) {
    if (length + ALIGNMENT > LONGEST) {
      throw new IllegalArgumentException("attribute " + type + ": " + length + " bytes");
    }
    return pad().put16(length + ALIGNMENT).put16(type);
  }

  Message pad() {
    while (buffer.position() % ALIGNMENT != 0) {
      put8(0);
    }
    return this;
  }

  private ByteBuffer room(int bytes) {
    if (buffer.remaining() < bytes) {
      ByteBuffer wider =
          ByteBuffer.allocate(Math.max(buffer.capacity() * 2, buffer.position() + bytes))
              .order(ByteOrder.nativeOrder());
      buffer = wider.put(buffer.flip());
    }
    return buffer;
  }

  private static short swapped(short value) {
    return ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? value : Short.reverseBytes(value);
  }

  private static int big(int value) {
    return ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? value : Integer.reverseBytes(value);
  }

  int size() {
    return buffer.position();
  }

  void patch32(int place, int value) {
    buffer.putInt(place, value);
  }

  /** Sets bits of two bytes that are written already. */
  void set16(int place, int bits) {
    buffer.putShort(place, (short) (buffer.getShort(place) | bits));
  }

  /** Copies all of it to the begin of a buffer that has the room. */
  void copyTo(ByteBuffer target) {
    target.put(0, buffer, 0, buffer.position());
  }

  byte[] bytes() {
    byte[] bytes = new byte[buffer.position()];
    buffer.get(0, bytes);
    return bytes;
  }
}
