package io.faultd.linux.netlink;

import io.faultd.linux.Native;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Room for what is sent to the kernel and what it answers, as much as it sends at once. To have the
 * room zeroed takes as long as to ask and be answered, so it is used again.
 */
final class Scratch implements AutoCloseable {
  /** In bytes; the kernel fills at most 32 KiB by itself (netlink_dump in af_netlink.c). */
  static final int SIZE = 1 << 16;

  private static final int MOST = 8;
  private static final ConcurrentLinkedQueue<ByteBuffer> IDLE = new ConcurrentLinkedQueue<>();
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final ByteBuffer bytes;

  private Scratch(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  /** Room that nobody else has until it is closed; what is in it is of nobody. */
  static Scratch take() {
    ByteBuffer idle = IDLE.poll();
    if (idle == null) {
      return new Scratch(Native.buffer(SIZE));
    }
    COUNT.decrementAndGet();
    return new Scratch(idle);
  }

  ByteBuffer bytes() {
    return bytes;
  }

  /** Gives it back. */
  @Override
  public void close() {
    if (COUNT.incrementAndGet() <= MOST) {
      IDLE.add(bytes);
    } else {
      COUNT.decrementAndGet();
    }
  }
}
