package io.faultd.bench;

import io.faultd.linux.nfqueue.DelayLine;
import io.faultd.linux.nft.Expression;
import io.faultd.linux.nft.Expression.Fact;
import io.faultd.linux.nft.Expression.Header;
import io.faultd.linux.nft.Expression.Operator;
import io.faultd.linux.nft.Expression.Queue;
import io.faultd.linux.nft.Expression.Verdict;
import io.faultd.linux.nft.Hook;
import io.faultd.linux.nft.Nftables;
import io.faultd.linux.nft.Transaction;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * What packets cost that are held in user space. To be run in a network namespace of its own:
 *
 * <pre>
 * unshare --net sh -c 'ip link set lo mtu 1500 up; exec java --enable-native-access=ALL-UNNAMED -cp
 *     src/bench/target/bench.jar io.faultd.bench.Network'
 * </pre>
 */
public final class Network {
  private static final String OWN = "/proc/self/ns/net";
  private static final String TABLE = "faultd-bench";
  private static final int MARK = 0xfa000001;
  private static final int PORT = 7777;
  private static final int MEGABYTES = 16;

  private Network() {}

  /** Runs all. */
  public static void main(String[] args) throws Exception {
    System.out.printf(Locale.ROOT, "TCP alone            %8.0f Mbit/s%n", transfer());
    for (int millis : new int[] {0, 20, 100}) {
      try (Held held = Held.of(6, millis)) {
        System.out.printf(Locale.ROOT, "TCP, held %3d ms      %8.0f Mbit/s%n", millis, transfer());
      }
    }
    for (int millis : new int[] {0, 10}) {
      try (Held held = Held.of(17, millis)) {
        datagrams(held, millis);
      }
    }
  }

  private static Transaction rule(int protocol, Expression fate) {
    List<Expression> mark = new ArrayList<>(List.of(new Expression.Load(Fact.MARK)));
    mark.add(new Expression.BigEndian());
    mark.add(new Expression.Compare(Operator.EQUAL, new byte[] {(byte) 0xfa, 0, 0, 1}));
    mark.add(new Verdict(Verdict.Fate.ACCEPT));
    List<Expression> rule =
        new ArrayList<>(Expression.is(new Expression.Load(Fact.PROTOCOL), (byte) protocol));
    rule.addAll(
        Expression.is(
            new Expression.Payload(Header.TRANSPORT, 2, 2), (byte) (PORT >> 8), (byte) PORT));
    rule.add(new Expression.Counter());
    rule.add(fate);
    return new Transaction()
        .table(TABLE)
        .chain(TABLE, "out", Hook.OUTPUT, -310)
        .rule(TABLE, "out", mark)
        .rule(TABLE, "out", rule);
  }

  /** Mbit/s of one connection. */
  private static double transfer() throws Exception {
    int bytes = MEGABYTES << 20;
    try (ServerSocket server = new ServerSocket(PORT, 1, InetAddress.getByName("127.0.0.1"));
        Socket sender = new Socket("127.0.0.1", PORT);
        Socket receiver = server.accept()) {
      long begin = System.nanoTime();
      Thread sending = Thread.ofPlatform().start(() -> send(sender, bytes));
      byte[] buffer = new byte[1 << 16];
      InputStream in = receiver.getInputStream();
      for (int left = bytes; left > 0; ) {
        left -= in.read(buffer);
      }
      double seconds = (System.nanoTime() - begin) / 1e9;
      sending.join();
      return bytes * 8 / seconds / 1e6;
    }
  }

  private static void send(Socket socket, int bytes) {
    byte[] buffer = new byte[1 << 16];
    try {
      OutputStream out = socket.getOutputStream();
      for (int left = bytes; left > 0; left -= buffer.length) {
        out.write(buffer);
      }
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** As fast as one thread sends, for three seconds. */
  private static void datagrams(Held held, int millis) throws Exception {
    long sent = 0;
    long begin = System.nanoTime();
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(InetAddress.getByName("127.0.0.1"), PORT);
      DatagramPacket packet = new DatagramPacket(new byte[64], 64);
      try (DatagramSocket sink = new DatagramSocket(PORT, InetAddress.getByName("127.0.0.1"))) {
        while (System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(3)) {
          socket.send(packet);
          sent++;
        }
      }
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    DelayLine.Report report = held.line.report();
    System.out.printf(
        Locale.ROOT,
        "UDP, held %3d ms      %8.0f packets/s sent, %.0f served, %.3f ms late on average%n",
        millis,
        sent / seconds,
        report.packets() / seconds,
        report.late() / 1e6 / Math.max(1, report.packets()));
  }

  /** Packets of the port, held. */
  private record Held(Nftables nftables, DelayLine line) implements AutoCloseable {
    static Held of(int protocol, int millis) throws Exception {
      DelayLine.Time time = new DelayLine.Time(Duration.ofMillis(millis), Duration.ZERO);
      DelayLine line = DelayLine.open(OWN, time, 1, true, () -> {});
      line.start(MARK);
      Queue queue = new Queue(line.queue(), true, Nftables.queueing().orElseThrow());
      Nftables nftables = Nftables.open(OWN);
      nftables.commit(rule(protocol, queue));
      return new Held(nftables, line);
    }

    @Override
    public void close() {
      nftables.close();
      line.close();
    }
  }
}
