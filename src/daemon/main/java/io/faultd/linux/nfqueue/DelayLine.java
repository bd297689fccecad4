package io.faultd.linux.nfqueue;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.Native;
import io.faultd.linux.net.Link;
import io.faultd.linux.nft.Nftables;
import io.faultd.linux.ns.Network;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import jnr.ffi.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * Holds the packets of a queue, on a thread of its own, and lets them go in the order in which they
 * came, unless the time varies.
 */
public final class DelayLine implements AutoCloseable {
  private static final int EFD_CLOEXEC_NONBLOCK = 0x80800;

  private final Network network;
  private final Pace pace;
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final Queue queue;
  private final Runnable ended;
  private final Fd wake;
  private @Nullable Loop loop;
  private boolean shut;

  /**
   * How long packets are held.
   *
   * @param delay the time
   * @param jitter how much it varies at most, evenly, to either side
   */
  public record Time(Duration delay, Duration jitter) implements Pace {
    @Override
    public long due(long now, int length, int waiting, SplittableRandom random) {
      long due = now + delay.toNanos();
      long most = jitter.toNanos();
      return most == 0 ? due : Math.max(now, due + random.nextLong(-most, most + 1));
    }
  }

  /**
   * What came of it so far.
   *
   * @param packets how many were held and let go
   * @param bytes of those, IP headers included; 0 if their bytes are not asked for
   * @param late how much later than they should in all, in nanoseconds
   * @param received how many were handed to us
   * @param missed how many the kernel could not hand to us, and let go at once
   * @param failed how many could not be sent again
   * @param error why the last of these could not
   * @param drained when all that had been handed over was last seen to have come ({@link
   *     System#nanoTime})
   */
  public record Report(
      long packets,
      long bytes,
      long late,
      long received,
      long missed,
      long failed,
      Errno error,
      long drained) {
    /** When nothing has come yet. */
    public static final Report NOTHING =
        new Report(0, 0, 0, 0, 0, 0, Errno.UNKNOWN, System.nanoTime());
  }

  private DelayLine(Network network, Pace pace, Queue queue, Runnable ended) throws IOException {
    this.network = network;
    this.pace = pace;
    this.queue = queue;
    this.ended = ended;
    this.wake = new Fd(Native.check("eventfd", Calls.C.eventfd(0, EFD_CLOEXEC_NONBLOCK), null));
  }

  /**
   * Takes a queue that nobody serves, and does not serve it yet.
   *
   * @param pace when they go
   * @param start where to begin to look for its number
   * @param payload whether their bytes are needed: they go out, or the pace asks for their length
   * @param ended told when nothing is sent any more, a moment after {@link #close}
   */
  public static DelayLine open(
      String network, Pace pace, int start, boolean payload, Runnable ended) throws IOException {
    Network held = Network.open(network);
    Queue queue = null;
    DelayLine line = null;
    try {
      queue = Queue.open(held, start, payload);
      line = new DelayLine(held, pace, queue, ended);
      return line;
    } finally {
      if (line == null) {
        held.close();
        if (queue != null) {
          queue.close();
        }
      }
    }
  }

  /**
   * What is lacking to hold packets and let them go, as a sentence for people; empty if nothing.
   */
  public static Optional<String> missing() {
    return Nftables.missingQueue().or(Sender::missing);
  }

  /** The number of the queue, for the rules that fill it. */
  public int queue() {
    return queue.number();
  }

  /**
   * Serves the queue from now on.
   *
   * @param mark of packets that are sent again; the rules must let them pass
   */
  public void start(int mark) throws IOException {
    Packets packets = opened(new Packets(true));
    Stash stash = opened(new Stash());
    List<Link> links = Link.all(network.path());
    int loopback =
        links.stream().filter(Link::loopback).mapToInt(Link::index).findFirst().orElse(0);
    Senders senders = opened(Senders.open(new Sender.Place(network, mark, loopback), stash));
    Loop made =
        new Loop(
            new Loop.Input(queue, packets, wake), new Loop.Output(stash, senders, links), pace);
    Servants.run(
        "faultd-delay-" + queue.number(),
        () -> {
          try {
            made.run();
          } finally {
            shut();
          }
        });
    loop = made;
  }

  private <T extends AutoCloseable> T opened(T thing) {
    opened.add(thing);
    return thing;
  }

  /** Whether it serves the queue. */
  public boolean alive() {
    Loop running = loop;
    return running != null && running.alive();
  }

  /** What came of it so far. */
  public Report report() {
    Loop running = loop;
    return running == null ? Report.NOTHING : running.report();
  }

  /**
   * Lets all go that is held. To be called when no rule fills the queue, which is given back a
   * moment later.
   */
  @Override
  public void close() {
    Loop running = loop;
    if (running == null) {
      shut();
    } else {
      running.stop();
      wake();
    }
  }

  private synchronized void wake() {
    if (!shut) {
      Pointer one = Native.at(Native.buffer(8).putLong(0, 1));
      Calls.C.write(wake.number(), one, 8);
    }
  }

  private synchronized void shut() {
    if (shut) {
      return;
    }
    shut = true;
    opened.reversed().forEach(DelayLine::close);
    opened.clear();
    queue.close();
    wake.close();
    network.close();
    ended.run();
  }

  private static void close(AutoCloseable thing) {
    try {
      thing.close();
    } catch (Exception e) {
      throw new IllegalStateException(e); // none of ours throws
    }
  }
}
