package io.faultd.port;

import io.helidon.common.buffers.DataReader;
import io.helidon.http.http2.Http2ErrorCode;
import io.helidon.http.http2.Http2Exception;
import io.helidon.webserver.CloseConnectionException;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The bytes of an HTTP/2 client, whose frames are counted as they go by: Helidon bounds how many
 * streams are reset and how many empty frames of data follow each other, but neither how many
 * frames a block of headers comes in, which it keeps, nor those by which the connection is managed.
 *
 * <p>Only the reading thread of a connection uses it.
 */
final class Frames implements Supplier<byte[]> {
  /** RFC 9113, 3.4: comes first, and is no frame. */
  private static final int PREFACE = 24;

  private static final int HEADER = 9;
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int WINDOW_UPDATE = 8;
  private static final int CONTINUATION = 9;
  private static final int END_HEADERS = 0x4;
  private static final int PADDED = 0x8;
  private static final int PRIORITY = 0x20;
  private static final int PRIORITY_BYTES = 5;

  /** Bytes of a block of headers. */
  private static final int LARGEST_BLOCK = 16 * 1024;

  /** As many as that block needs, and some. */
  private static final int MOST_CONTINUATIONS = 8;

  /**
   * Requests of a stranger; the next is read when one before it was let in, and is the end of the
   * connection when all before it were answered and none was. Helidon has 43 KiB for each call of
   * gRPC, whose sender can keep it open.
   */
  private static final int MOST_OF_A_STRANGER = 2;

  /** Frames of other kinds within a second: settings, pings, resets and what has no name. */
  private static final int MOST_OTHERS = 1_000;

  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final Duration LOOK = Duration.ofMillis(2);
  private static final byte[] NONE = {};

  private final DataReader from;
  private final BooleanSupplier unknown;
  private final BooleanSupplier quiet;
  private final HeaderFields fields = new HeaderFields();
  private final byte[] header = new byte[HEADER];
  private byte[] kept = NONE;
  private int filled;
  private int left = PREFACE;
  private boolean ofBlock;

  private final ByteArrayOutputStream block = new ByteArrayOutputStream();
  private int blockFlags;
  private int continuations;
  private int requests;

  private int others;
  private long began = System.nanoTime();

  /**
   * Those of one connection.
   *
   * @param from what it sends, beginning with the preface
   * @param unknown whether none of its requests was let in yet
   * @param quiet whether all of its requests that were read were answered
   */
  Frames(DataReader from, BooleanSupplier unknown, BooleanSupplier quiet) {
    this.from = from;
    this.unknown = unknown;
    this.quiet = quiet;
  }

  @Override
  public byte[] get() {
    await();
    byte[] bytes = kept.length > 0 ? kept : read();
    kept = NONE;
    int at = 0;
    while (at < bytes.length) {
      if (waits()) { // what came before it has to be answered first
        kept = Arrays.copyOfRange(bytes, at, bytes.length);
        return Arrays.copyOf(bytes, at);
      }
      if (left > 0) {
        int here = Math.min(left, bytes.length - at);
        payload(bytes, at, here);
        at += here;
      } else {
        header[filled++] = bytes[at++];
        if (filled == HEADER) {
          filled = 0;
          begin();
        }
      }
    }
    return bytes;
  }

  private byte[] read() {
    from.ensureAvailable();
    return from.readBytes(from.available());
  }

  private void begin() {
    left = (header[0] & 0xff) << 16 | (header[1] & 0xff) << 8 | header[2] & 0xff;
    int type = header[3];
    ofBlock = type == HEADERS || type == CONTINUATION;
    switch (type) {
      case DATA, WINDOW_UPDATE -> {
        // flow control bounds the one, and who is sent something owes us the other
      }
      case HEADERS -> {
        block.reset();
        blockFlags = header[4];
        continuations = 0;
        requests++;
      }
      case CONTINUATION -> {
        if (++continuations > MOST_CONTINUATIONS) {
          throw new CloseConnectionException("a block of headers in too many frames");
        }
      }
      default -> other();
    }
    if (left == 0) {
      end();
    }
  }

  private void payload(byte[] bytes, int at, int length) {
    if (ofBlock) {
      block.write(bytes, at, length);
      if (block.size() > LARGEST_BLOCK) {
        throw new CloseConnectionException("a block of headers that is too large");
      }
    }
    left -= length;
    if (left == 0) {
      end();
    }
  }

  private void end() {
    if (ofBlock && (header[4] & END_HEADERS) != 0) {
      fields.check(unpadded(block.toByteArray()));
      block.reset();
      ofBlock = false;
    }
  }

  /** What is between the priority and the padding of the first frame: RFC 9113, 6.2. */
  private byte[] unpadded(byte[] bytes) {
    boolean padded = (blockFlags & PADDED) != 0;
    int start = (padded ? 1 : 0) + ((blockFlags & PRIORITY) != 0 ? PRIORITY_BYTES : 0);
    int padding = padded && bytes.length > 0 ? bytes[0] & 0xff : 0;
    if (start + padding > bytes.length || padding > 0 && continuations > 0) {
      throw new CloseConnectionException("padding where none can be");
    }
    return Arrays.copyOfRange(bytes, start, bytes.length - padding);
  }

  private void other() {
    long now = System.nanoTime();
    if (now - began > SECOND) {
      began = now;
      others = 0;
    }
    if (++others > MOST_OTHERS) {
      throw new CloseConnectionException("too many frames that are no request");
    }
  }

  private boolean waits() {
    return requests > MOST_OF_A_STRANGER && unknown.getAsBoolean();
  }

  /** Ends at last because strangers are not borne for long. */
  private void await() {
    while (waits()) {
      // in this order: who was let in last was so before it was answered
      if (quiet.getAsBoolean() && waits()) {
        throw new Http2Exception(
            Http2ErrorCode.ENHANCE_YOUR_CALM, "nobody was let in by this connection");
      }
      if (Thread.interrupted()) {
        throw new CloseConnectionException("ended while others were waited for");
      }
      LockSupport.parkNanos(LOOK.toNanos());
    }
  }
}
