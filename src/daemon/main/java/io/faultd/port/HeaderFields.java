package io.faultd.port;

import io.helidon.common.buffers.BufferData;
import io.helidon.http.http2.Http2HuffmanDecoder;
import io.helidon.webserver.CloseConnectionException;

/**
 * The blocks of headers of one connection, gone through as HPACK (RFC 7541) writes them, before
 * they are decoded.
 *
 * <p>Helidon's decoder never returns from a field that is larger than the table that it is to be
 * put into, nor does it bound the fields that a byte each can stand for. No client does either
 * without meaning harm.
 */
final class HeaderFields {
  private static final int TABLE = 4_096;
  private static final int OVERHEAD = 32;
  private static final int MOST = 200;

  /** Of the names that RFC 7541 gives numbers to, the longest. */
  private static final int LONGEST_KNOWN_NAME = 27;

  private final Http2HuffmanDecoder huffman = Http2HuffmanDecoder.create();

  /** What the client says that its encoder uses of the table. */
  private long table = TABLE;

  private int longestName = LONGEST_KNOWN_NAME;
  private byte[] block = new byte[0];
  private int at;

  /**
   * Goes through a whole block; they must come in their order.
   *
   * @throws CloseConnectionException if it must not be decoded
   */
  void check(byte[] next) {
    block = next;
    at = 0;
    int fields = 0;
    while (at < block.length) {
      int first = block[at] & 0xff;
      if (first >= 0x80) {
        integer(7);
      } else if (first >= 0x40) {
        indexed();
      } else if (first >= 0x20) {
        table = integer(5);
      } else {
        if (integer(4) == 0) {
          text();
        }
        text();
      }
      if (++fields > MOST) {
        throw new CloseConnectionException("a block of more than " + MOST + " headers");
      }
    }
  }

  /** A field that joins the table: 6.2.1. */
  private void indexed() {
    int name = longestName;
    if (integer(6) == 0) {
      name = text();
      longestName = Math.max(longestName, name);
    }
    if (name + text() + OVERHEAD > table) {
      throw new CloseConnectionException("a header that is larger than the table for it");
    }
  }

  /** Skips a text, and tells its length: 5.2. */
  private int text() {
    boolean coded = at < block.length && block[at] < 0;
    int length = integer(7);
    if (length > block.length - at) {
      throw malformed();
    }
    int start = at;
    at += length;
    return coded
        ? huffman.decodeString(BufferData.create(block, start, length), length).length()
        : length;
  }

  /** A number that begins in the lowest bits of the next byte: 5.1. */
  private int integer(int bits) {
    int most = (1 << bits) - 1;
    long value = next() & most;
    if (value == most) {
      int shift = 0;
      int more;
      do {
        more = next();
        value += (long) (more & 0x7f) << shift;
        shift += 7;
      } while (more >= 0x80 && shift < 28);
      if (more >= 0x80 || value > Integer.MAX_VALUE) {
        throw malformed();
      }
    }
    return (int) value;
  }

  private int next() {
    if (at == block.length) {
      throw malformed();
    }
    return block[at++] & 0xff;
  }

  private static CloseConnectionException malformed() {
    return new CloseConnectionException("a block of headers that is none");
  }
}
