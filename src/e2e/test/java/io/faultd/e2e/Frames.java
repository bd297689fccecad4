package io.faultd.e2e;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** HTTP/2 by hand, so that it can be wrong. */
final class Frames {
  static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int SETTINGS = 4;
  static final int CONTINUATION = 9;
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;

  private Frames() {}

  /** A frame: RFC 9113, 4.1. */
  static byte[] frame(int type, int flags, int stream, byte[] payload) {
    byte[] frame = new byte[9 + payload.length];
    frame[0] = (byte) (payload.length >> 16);
    frame[1] = (byte) (payload.length >> 8);
    frame[2] = (byte) payload.length;
    frame[3] = (byte) type;
    frame[4] = (byte) flags;
    frame[5] = (byte) (stream >> 24);
    frame[6] = (byte) (stream >> 16);
    frame[7] = (byte) (stream >> 8);
    frame[8] = (byte) stream;
    System.arraycopy(payload, 0, frame, 9, payload.length);
    return frame;
  }

  static byte[] settings() {
    return frame(SETTINGS, 0, 0, new byte[0]);
  }

  /** Names that are numbers in RFC 7541, appendix A: Helidon takes pseudo headers only so. */
  private static final Map<String, Integer> NAMES =
      Map.of(":authority", 1, ":method", 2, ":path", 4, ":scheme", 6, "content-type", 31);

  /** Whole headers that are. */
  private static final Map<String, Integer> HEADERS_OF_TABLE =
      Map.of(":method GET", 2, ":method POST", 3, ":path /", 4, ":scheme http", 6);

  /**
   * A header block, name and value in turn: numbers of the table where it has them (RFC 7541, 6.1),
   * else literals that are to be indexed (6.2.1).
   */
  static byte[] block(String... pairs) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (int i = 0; i < pairs.length; i += 2) {
      Integer whole = HEADERS_OF_TABLE.get(pairs[i] + " " + pairs[i + 1]);
      Integer name = NAMES.get(pairs[i]);
      if (whole != null) {
        block.write(0x80 | whole);
      } else {
        block.write(0x40 | (name == null ? 0 : name));
        if (name == null) {
          text(block, pairs[i]);
        }
        text(block, pairs[i + 1]);
      }
    }
    return block.toByteArray();
  }

  /** All of them, one after the other. */
  static byte[] all(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static void text(ByteArrayOutputStream block, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    int left = bytes.length;
    if (left < 127) {
      block.write(left);
    } else {
      block.write(127);
      for (left -= 127; left >= 128; left >>= 7) {
        block.write(left & 127 | 128);
      }
      block.write(left);
    }
    block.writeBytes(bytes);
  }
}
