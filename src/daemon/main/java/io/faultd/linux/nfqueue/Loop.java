package io.faultd.linux.nfqueue;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.Native;
import io.faultd.linux.net.Link;
import io.faultd.linux.proc.Urgency;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import jnr.ffi.Pointer;

/**
 * Receives packets and lets them go when they are due. Allocates nothing, while its stores do not
 * grow.
 *
 * <p>Packets that come in are held where they are. One that goes out is still charged to the socket
 * that sent it, which then soon sends no more: TCP would collapse to a few packets per delay. So it
 * is copied and freed at once, as if it were on the wire already, and the copy is sent later with a
 * mark by which the rules that filled the queue know it. Only those that could not be sent so
 * unchanged are held where they are, too: marked already, larger than what their interface takes,
 * or for many.
 */
final class Loop implements Runnable {
  private static final int HOOK_OUTPUT = 3;
  private static final int MULTICAST_4 = 224;
  private static final int MULTICAST_6 = 255;
  private static final short POLLIN = 1;
  private static final long SECOND = 1_000_000_000L;

  /** Longer than a packet is on its way through a hook. */
  private static final long LINGER = 20_000_000L;

  /** A number in the schedule that is one of the stash, not of the queue. */
  private static final long COPY = 1L << 32;

  private static final long NUMBER = COPY - 1;

  /** Above both is how long the packet is. */
  private static final int LENGTH = 33;

  private final Input input;
  private final Output output;
  private final Verdicts verdicts;
  private final int[] indexes;
  private final int[] mtus;
  private final Schedule schedule = new Schedule();
  private final SplittableRandom random = new SplittableRandom();
  private final Pointer descriptors;
  private final ByteBuffer patience = Native.buffer(16);
  private final Pointer patienceAddress = Native.at(patience);
  private final Pointer wokenAddress = Native.at(Native.buffer(8));
  private final Pace pace;
  private final AtomicLong released = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong late = new AtomicLong();
  private volatile boolean stopping;

  /** Whether what it needs may be closed. */
  private volatile boolean ended;

  /** Written under this loop's lock only, as is the next. */
  private volatile long received;

  private volatile long missed;
  private volatile long drained = System.nanoTime();
  private int sequence;

  /** Where packets come from, and what ends the waiting for them. */
  record Input(Queue queue, Packets packets, Fd wake) {}

  /**
   * Where copies go.
   *
   * @param senders send them
   * @param links the interfaces
   */
  record Output(Stash stash, Senders senders, List<Link> links) {}

  Loop(Input input, Output output, Pace pace) {
    this.input = input;
    this.output = output;
    this.verdicts = new Verdicts(input.queue());
    this.pace = pace;
    this.indexes = output.links().stream().mapToInt(Link::index).toArray();
    this.mtus = output.links().stream().mapToInt(Link::mtu).toArray();
    this.descriptors =
        Native.at(
            Native.buffer(16)
                .putInt(0, input.queue().fd().number())
                .putShort(4, POLLIN)
                .putInt(8, input.wake().number())
                .putShort(12, POLLIN));
  }

  /**
   * Lets all go that is held, on the caller's own thread, which so waits for no other one. To be
   * followed by a wake-up.
   */
  void stop() {
    stopping = true;
    empty();
  }

  /** Whether it serves the queue, or is about to. */
  boolean alive() {
    return !ended;
  }

  private synchronized void empty() {
    if (!ended) {
      receive();
      release(Long.MAX_VALUE);
    }
  }

  private synchronized void serve() {
    receive();
    release(System.nanoTime());
  }

  DelayLine.Report report() {
    // before what had come by then
    long emptied = drained;
    long failed = output.senders().failed();
    Errno error = output.senders().error();
    return new DelayLine.Report(
        released.get(), bytes.get(), late.get(), received, missed, failed, error, emptied);
  }

  @Override
  public void run() {
    try {
      Urgency.raise();
      while (!stopping) {
        await(Math.min(SECOND, left())); // to tell that nothing more has come
        serve();
      }
      empty();
      // no rule fills the queue any more, but another processor may be on its way from one
      long end = System.nanoTime() + LINGER;
      for (long left = LINGER; left > 0; left = end - System.nanoTime()) {
        Calls.C.read(input.wake().number(), wokenAddress, Long.BYTES);
        await(left);
        empty();
      }
    } finally {
      end();
    }
  }

  private synchronized void end() {
    ended = true;
  }

  private synchronized long left() {
    return schedule.isEmpty() ? SECOND : schedule.due() - System.nanoTime();
  }

  private void await(long wait) {
    if (wait > 0) {
      patience.putLong(0, wait / SECOND).putLong(8, wait % SECOND);
      Calls.C.ppoll(descriptors, 2, patienceAddress, null);
    }
  }

  private void receive() {
    int fd = input.queue().fd().number();
    while (true) {
      long begun = System.nanoTime();
      int count = input.packets().receive(fd);
      long now = System.nanoTime();
      for (int i = 0; i < count; i++) {
        if (input.packets().at(i)) {
          take(now);
        }
      }
      verdicts.flush();
      if (count < Packets.MOST) {
        drained = begun;
        return;
      }
      if (!schedule.isEmpty() && schedule.due() <= now && !stopping) {
        return;
      }
    }
  }

  /** The kernel numbers packets, those too that do not fit into our socket. */
  private void count(int id) {
    int number = Integer.reverseBytes(id);
    int between = number - sequence - 1;
    sequence = number;
    received = received + 1;
    if (between > 0) {
      missed = missed + between;
    }
  }

  private void take(long now) {
    Packets packet = input.packets();
    count(packet.id());
    long due = pace.due(now, packet.length(), schedule.size(), random);
    if (due == Pace.NEVER) {
      verdicts.drop(packet.id());
      return;
    }
    int sender = copied(packet) ? sender(packet) : Senders.NONE;
    int number = sender == Senders.NONE ? Stash.FULL : output.stash().put(packet, sender);
    long length = (long) packet.length() << LENGTH;
    if (number == Stash.FULL) {
      schedule.add(due, length | packet.id() & NUMBER);
    } else {
      verdicts.drop(packet.id());
      schedule.add(due, length | COPY | number);
    }
  }

  private int sender(Packets packet) {
    return output.senders().of(packet.owner(), packet.version() == 6);
  }

  private boolean copied(Packets packet) {
    if (packet.hook() != HOOK_OUTPUT || packet.length() == 0 || packet.cut() || packet.marked()) {
      return false;
    }
    boolean wide = packet.version() == 6;
    return packet.destination() < (wide ? MULTICAST_6 : MULTICAST_4)
        && packet.length() <= mtu(packet.output());
  }

  private int mtu(int index) {
    for (int i = 0; i < indexes.length; i++) {
      if (indexes[i] == index) {
        return mtus[i];
      }
    }
    return 0;
  }

  private void release(long now) {
    long count = 0;
    long sum = 0;
    long length = 0;
    while (!schedule.isEmpty() && schedule.due() <= now) {
      sum += now - schedule.due();
      count++;
      long value = schedule.poll();
      length += value >>> LENGTH;
      if ((value & COPY) == 0) {
        verdicts.accept((int) value);
      } else {
        output.senders().send((int) value);
      }
    }
    if (count > 0) {
      flush();
      released.addAndGet(count);
      bytes.addAndGet(length);
      late.addAndGet(now == Long.MAX_VALUE ? 0 : sum);
    }
  }

  private void flush() {
    verdicts.flush();
    output.senders().flush();
  }
}
