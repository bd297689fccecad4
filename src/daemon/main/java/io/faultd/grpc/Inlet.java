package io.faultd.grpc;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.port.Alarm;
import io.grpc.Context;
import io.helidon.common.buffers.BufferData;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What comes in by one call, gone through message by message before any of it is kept: gRPC over
 * HTTP/2, Requests.
 *
 * <p>Only the call's own thread uses it, but for {@link #waits} and {@link #close}.
 */
final class Inlet {
  /**
   * Larger ones need room, which only methods that order something have: it is held until the
   * method has understood it, or answered, and one that watches may never. A stranger has none, nor
   * more than one.
   */
  private static final int SMALL = 16 * 1024;

  private static final Context.Key<Inlet> PRESENT = Context.key("inlet");
  private static final int PREFIX = 5;
  private static final byte[] NONE = {};

  private final Semaphore room;
  private final Duration patience;
  private final boolean single;
  private final boolean orders;
  private final BooleanSupplier unknown;

  /** The beginning of a prefix whose end is still to come. */
  private byte[] kept = NONE;

  private volatile long left;
  private int messages;
  private final AtomicInteger held = new AtomicInteger();
  private volatile boolean closed;
  private final AtomicReference<@Nullable Alarm> alarm = new AtomicReference<>();

  /**
   * Of one call.
   *
   * @param room bytes that all large messages may have together
   * @param patience how long a large one may take to arrive
   * @param single whether the method takes one message
   * @param orders whether it changes something
   * @param unknown whether nobody was let in by this connection yet
   */
  Inlet(
      Semaphore room, Duration patience, boolean single, boolean orders, BooleanSupplier unknown) {
    this.room = room;
    this.patience = patience;
    this.single = single;
    this.orders = orders;
    this.unknown = unknown;
  }

  /**
   * Goes through what has come.
   *
   * @param late what to do if a large message does not come to its end
   * @return what of it can be read on: all but the beginning of a prefix, which comes with the rest
   * @throws FaultException if a message is not taken; nothing may be given to this any more
   */
  BufferData take(BufferData data, boolean last, Runnable late) {
    BufferData all = kept.length == 0 ? data : joined(kept, data.readBytes());
    kept = NONE;
    int at = 0;
    int length = all.available();
    while (at < length && (left > 0 || length - at >= PREFIX)) {
      if (left > 0) {
        int here = (int) Math.min(left, length - at);
        at += here;
        left -= here;
      } else {
        begin(all, at, late);
        at += PREFIX;
      }
    }
    if (last && (left > 0 || at < length)) {
      throw new FaultException(Reason.BAD_REQUEST, "the call ends within a message");
    }
    if (at < length) {
      byte[] bytes = all.readBytes();
      kept = Arrays.copyOfRange(bytes, at, length);
      return BufferData.create(Arrays.copyOf(bytes, at));
    }
    return all;
  }

  private static BufferData joined(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return BufferData.create(both);
  }

  private void begin(BufferData data, int at, Runnable late) {
    release();
    messages++;
    boolean packed = data.get(at) != 0;
    long length = 0;
    for (int i = 1; i < PREFIX; i++) {
      length = length << 8 | data.get(at + i) & 0xff;
    }
    boolean large = length > SMALL || packed;
    check(large);
    if (length > StatusInterceptor.LARGEST_MESSAGE) {
      throw StatusInterceptor.TOO_LARGE;
    }
    left = length;
    if (large) {
      // what is packed can become as large as any
      reserve(packed ? StatusInterceptor.LARGEST_MESSAGE : (int) length);
      alarm.set(Alarm.after(patience, late));
      if (closed) {
        release();
      }
    }
  }

  private void check(boolean large) {
    if (unknown.getAsBoolean() && (large || messages > 1)) {
      throw new FaultException(
          Reason.LIMIT,
          "who is not logged in may send one message of at most 16 KiB, not compressed");
    }
    if (single && messages > 1) {
      throw new FaultException(Reason.BAD_REQUEST, "this method takes one message");
    }
    if (!orders && large) {
      throw new FaultException(
          Reason.LIMIT, "this method takes messages of at most 16 KiB, not compressed");
    }
  }

  private void reserve(int bytes) {
    try {
      // somebody else's large message may take as long as ours
      if (room.tryAcquire(bytes, patience.toMillis() * 2, TimeUnit.MILLISECONDS)) {
        held.set(bytes);
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new FaultException(Reason.LIMIT, "too many large messages at once; try again later");
  }

  /** Whether there is room held for a message that has not come to its end. */
  boolean waits() {
    return left > 0 && held.get() > 0;
  }

  /** What was taken was read: room of a message that has come to its end is given back. */
  void read() {
    if (left == 0) {
      release();
    }
  }

  /** Runs the beginning of a call that comes in by this. */
  void during(Runnable beginning) {
    Context.current().withValue(PRESENT, this).run(beginning);
  }

  /**
   * The present call has gone through its one message, and keeps nothing of it that is large: its
   * room is given back, however long the answer takes.
   */
  static void understood() {
    Inlet present = PRESENT.get();
    if (present != null) {
      present.read();
    }
  }

  private void release() {
    Alarm present = alarm.getAndSet(null);
    if (present != null) {
      present.close();
    }
    room.release(held.getAndSet(0));
  }

  /** Nothing more will be taken. */
  void close() {
    closed = true;
    release();
  }
}
