package io.faultd.crash;

import io.faultd.testing.Cable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Sockets on both sides of a cable, and who sees when each datagram comes. */
final class Flows implements AutoCloseable {
  private static final int NUMBERS = 12;
  private static final long QUIET_NANOS = 15_000_000;
  private static final long PATIENCE_NANOS = 1_500_000_000;

  private final List<DatagramChannel> near = new ArrayList<>();
  private final List<DatagramChannel> far = new ArrayList<>();
  private final Selector selector = Selector.open();
  private final Thread receiver;
  private int rounds;
  private volatile Round current = new Round(0, List.of(), 0, 0);

  private Flows(Cable cable) throws IOException {
    for (int pair = 0; pair < Flow.PAIRS; pair++) {
      int local = Flow.localPort(pair);
      int remote = Flow.remotePort(pair);
      near.add(socket(local));
      far.add(cable.far(() -> socket(remote)));
    }
    for (List<DatagramChannel> side : List.of(near, far)) {
      for (DatagramChannel each : side) {
        each.register(selector, SelectionKey.OP_READ);
      }
    }
    receiver = Thread.ofPlatform().daemon().name("flows").start(this::receive);
  }

  /** Opens the sockets. */
  static Flows over(Cable cable) throws IOException {
    return new Flows(cable);
  }

  private static DatagramChannel socket(int port) throws IOException {
    DatagramChannel channel = DatagramChannel.open();
    channel.configureBlocking(false);
    channel.setOption(java.net.StandardSocketOptions.SO_RCVBUF, 1 << 20);
    return channel.bind(new InetSocketAddress("::", port));
  }

  /** Datagrams that were sent at about the same time, and what came of them. */
  static final class Round {
    private final int number;
    private final List<Flow> flows;
    private final int packets;
    private final int size;
    private final long[] sent;
    private final long[] arrived;
    private long begin;

    private Round(int number, List<Flow> flows, int packets, int size) {
      this.number = number;
      this.flows = flows;
      this.packets = packets;
      this.size = size;
      this.sent = new long[flows.size() * packets];
      this.arrived = new long[flows.size() * packets];
    }

    private synchronized void came(int at, long when) {
      arrived[at] = when;
    }

    /** How many of a flow came. */
    synchronized int count(Flow flow) {
      int first = flows.indexOf(flow) * packets;
      int count = 0;
      for (int i = first; i < first + packets; i++) {
        count += arrived[i] == 0 ? 0 : 1;
      }
      return count;
    }

    /** How long the quickest one of a flow took, in milliseconds. */
    synchronized double quickest(Flow flow) {
      int first = flows.indexOf(flow) * packets;
      double least = Double.MAX_VALUE;
      for (int i = first; i < first + packets; i++) {
        if (arrived[i] != 0) {
          least = Math.min(least, (arrived[i] - sent[i]) / 1e6);
        }
      }
      return least;
    }

    /** From the first one that was sent to the last one of a flow that came, in milliseconds. */
    synchronized double last(Flow flow) {
      int first = flows.indexOf(flow) * packets;
      long latest = begin;
      for (int i = first; i < first + packets; i++) {
        latest = arrived[i] == 0 ? latest : Math.max(latest, arrived[i]);
      }
      return (latest - begin) / 1e6;
    }

    /** How many bytes of a flow went over the wire, if all did. */
    int bytes(Flow flow) {
      return packets * (size + flow.headers());
    }

    int packets() {
      return packets;
    }
  }

  /** Sends datagrams of some flows by turns, and waits until those that pass must have come. */
  Round send(List<Flow> flows, int packets, int size, List<NetworkFault> faults)
      throws IOException {
    Round round = new Round(++rounds, flows, packets, size);
    current = round;
    ByteBuffer bytes = ByteBuffer.allocate(size);
    round.begin = System.nanoTime();
    for (int i = 0; i < packets; i++) {
      for (int at = 0; at < flows.size(); at++) {
        Flow flow = flows.get(at);
        bytes.clear().putInt(round.number).putInt(at * packets + i).putInt(i);
        bytes.put(Flow.text(flow.pair()).getBytes(StandardCharsets.UTF_8)).position(size).flip();
        DatagramChannel from = (flow.out() ? near : far).get(flow.pair());
        round.sent[at * packets + i] = System.nanoTime();
        from.send(bytes, new InetSocketAddress(flow.destination(), flow.destinationPort()));
      }
    }
    await(round, faults);
    return round;
  }

  private static void await(Round round, List<NetworkFault> faults) {
    long now = System.nanoTime();
    long enough = now;
    for (Flow flow : round.flows) {
      Wanted wanted = Wanted.of(flow, faults);
      double through = wanted.through(round.flows.stream().mapToInt(round::bytes).sum());
      if (wanted.passing() < 1) {
        enough = Math.max(enough, now + (long) ((wanted.delay() + through) * 1e6) + QUIET_NANOS);
      }
    }
    long deadline = now + PATIENCE_NANOS;
    while (now < enough || now < deadline && !complete(round, faults)) {
      LockSupport.parkNanos(500_000);
      now = System.nanoTime();
    }
  }

  private static boolean complete(Round round, List<NetworkFault> faults) {
    return round.flows.stream()
        .allMatch(
            flow -> Wanted.of(flow, faults).passing() < 1 || round.count(flow) == round.packets);
  }

  private void receive() {
    ByteBuffer bytes = ByteBuffer.allocate(2048);
    try {
      while (selector.isOpen()) {
        selector.select(key -> take((DatagramChannel) key.channel(), bytes));
      }
    } catch (IOException | ClosedSelectorException ended) {
      // it was closed
    }
  }

  private void take(DatagramChannel channel, ByteBuffer bytes) {
    try {
      while (channel.receive(bytes.clear()) != null) {
        long now = System.nanoTime();
        Round round = current;
        if (bytes.position() >= NUMBERS && bytes.getInt(0) == round.number) {
          round.came(bytes.getInt(4), now);
        }
      }
    } catch (IOException unreachable) {
      // told of one that nobody took: it is missing
    }
  }

  @Override
  public void close() throws Exception {
    selector.close();
    receiver.join(5_000);
    for (List<DatagramChannel> side : List.of(near, far)) {
      for (DatagramChannel each : side) {
        each.close();
      }
    }
  }
}
