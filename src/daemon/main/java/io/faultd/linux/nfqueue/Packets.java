package io.faultd.linux.nfqueue;

import io.faultd.linux.LinuxException;
import io.faultd.linux.Native;
import java.nio.ByteBuffer;
import jnr.ffi.Pointer;

/** Packets as they are received, many by one call, and looked at where they lie. */
final class Packets implements AutoCloseable {
  /** At most so many at once. */
  static final int MOST = 64;

  private static final int HEADERS = 512;
  private static final int SLOT = 65_536 + HEADERS;
  private static final int MESSAGE = 64;
  private static final int VECTOR = 16;
  private static final int LENGTH = 56;
  private static final int MSG_DONTWAIT = 0x40;

  private static final int PACKET = 3 << 8;
  private static final int FIRST_ATTRIBUTE = 20;
  private static final int ATTRIBUTE = 0x3fff;
  private static final int NFQA_PACKET_HDR = 1;
  private static final int NFQA_MARK = 3;
  private static final int NFQA_IFINDEX_OUTDEV = 6;
  private static final int NFQA_PAYLOAD = 10;
  private static final int NFQA_UID = 16;
  private static final int NFQA_GID = 17;

  /** Comes only with a packet of which not all bytes do (linux/netfilter/nfnetlink_queue.h). */
  private static final int NFQA_CAP_LEN = 13;

  private final Region bytes;
  private final ByteBuffer messages = Native.buffer(MOST * (MESSAGE + VECTOR));
  private final Pointer address = Native.at(messages);
  private final int slot;

  private int id;
  private int hook;
  private int mark;
  private int output;
  private int uid;
  private int gid;
  private int start;
  private int length;
  private int whole;

  /**
   * Room for packets.
   *
   * @param payload whether they come with their bytes
   */
  Packets(boolean payload) throws LinuxException {
    slot = payload ? SLOT : HEADERS;
    bytes = Region.of(MOST * slot);
    for (int i = 0; i < MOST; i++) {
      int vector = MOST * MESSAGE + i * VECTOR;
      messages.putLong(vector, bytes.address(i * slot)).putLong(vector + 8, slot);
      messages.putLong(i * MESSAGE + 16, address.address() + vector).putLong(i * MESSAGE + 24, 1);
    }
  }

  /** Receives what is there; how many, which may be 0. */
  int receive(int fd) {
    return Math.max(0, Calls.C.recvmmsg(fd, address, MOST, MSG_DONTWAIT, null));
  }

  /** Looks at one of those received; false if it is no packet. */
  boolean at(int index) {
    int base = index * slot;
    int end = base + messages.getInt(index * MESSAGE + LENGTH);
    if (end - base < FIRST_ATTRIBUTE || Short.toUnsignedInt(bytes.getShort(base + 4)) != PACKET) {
      return false;
    }
    id = 0;
    mark = 0;
    output = 0;
    uid = 0;
    gid = 0;
    length = 0;
    whole = 0;
    int at = base + FIRST_ATTRIBUTE;
    while (at + 4 <= end) {
      int size = Short.toUnsignedInt(bytes.getShort(at));
      if (size < 4) {
        break;
      }
      attribute(bytes.getShort(at + 2) & ATTRIBUTE, at + 4, size - 4);
      at += size + 3 & ~3;
    }
    return true;
  }

  private void attribute(int type, int at, int size) {
    switch (type) {
      case NFQA_PACKET_HDR -> {
        id = bytes.getInt(at);
        hook = bytes.getByte(at + 6);
      }
      case NFQA_MARK -> mark = bytes.getInt(at);
      case NFQA_IFINDEX_OUTDEV -> output = Integer.reverseBytes(bytes.getInt(at));
      case NFQA_UID -> uid = Integer.reverseBytes(bytes.getInt(at));
      case NFQA_GID -> gid = Integer.reverseBytes(bytes.getInt(at));
      case NFQA_PAYLOAD -> {
        start = at;
        length = size;
      }
      case NFQA_CAP_LEN -> whole = Integer.reverseBytes(bytes.getInt(at));
      default -> {
        // not asked for
      }
    }
  }

  /** By which verdicts name it, in the order that the kernel wrote it. */
  int id() {
    return id;
  }

  /** The number of the hook that it was taken at. */
  int hook() {
    return hook;
  }

  /** Whether it carries a mark. */
  boolean marked() {
    return mark != 0;
  }

  /** The index of the interface that it goes out by. */
  int output() {
    return output;
  }

  /** The user and group whose socket it was sent by; 0 each if it was nobody's. */
  long owner() {
    return Owner.of(uid, gid);
  }

  /** Where in {@link #region} its IP header begins. */
  int start() {
    return start;
  }

  /** How long it is, IP header included; 0 if its bytes did not come. */
  int length() {
    return Math.max(length, whole);
  }

  /** Whether bytes at its end did not come: the kernel hands over 65,531 at most. */
  boolean cut() {
    return whole > length;
  }

  /** Its version of IP; to be asked only of one whose bytes came. */
  int version() {
    return bytes.getByte(start) >> 4 & 15;
  }

  /** The first byte of where it goes. */
  int destination() {
    return Byte.toUnsignedInt(bytes.getByte(start + (version() == 4 ? 16 : 24)));
  }

  /** All that was received. */
  Region region() {
    return bytes;
  }

  @Override
  public void close() {
    bytes.close();
  }
}
