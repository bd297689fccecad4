package io.faultd.linux.nfqueue;

import io.faultd.linux.Native;
import java.nio.ByteBuffer;
import jnr.ffi.Pointer;

/** Verdicts on packets in a queue, many sent by one call. */
final class Verdicts {
  private static final int SIZE = 32;
  private static final int VERDICT = 3 << 8 | 1;
  private static final int REQUEST = 1;
  private static final int NFQA_VERDICT_HDR = 2;
  private static final int DROP = 0;
  private static final int ACCEPT = 1;

  private final ByteBuffer buffer = Native.buffer(SIZE * 1024);
  private final Pointer address = Native.at(buffer);
  private final int fd;
  private final short queue;

  Verdicts(Queue queue) {
    this.fd = queue.fd().number();
    this.queue = Short.reverseBytes((short) queue.number());
  }

  /** It goes on its way. */
  void accept(int id) {
    add(id, ACCEPT);
  }

  /** It is freed. */
  void drop(int id) {
    add(id, DROP);
  }

  private void add(int id, int verdict) {
    if (buffer.remaining() < SIZE) {
      flush();
    }
    buffer.putInt(SIZE).putShort((short) VERDICT).putShort((short) REQUEST).putInt(0).putInt(0);
    buffer.put((byte) 0).put((byte) 0).putShort(queue);
    buffer.putShort((short) 12).putShort((short) NFQA_VERDICT_HDR);
    buffer.putInt(Integer.reverseBytes(verdict)).putInt(id);
  }

  /** Sends what has come together. */
  void flush() {
    if (buffer.position() > 0) {
      long sent;
      do {
        sent = Calls.C.send(fd, address, buffer.position(), 0);
      } while (Native.interrupted(sent));
      buffer.clear();
    }
  }
}
