package io.faultd.os.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Hold;
import io.faultd.rollback.Rollback;
import io.faultd.testing.Cable;
import io.faultd.testing.FileTrial;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a fault does to traffic that is not meant: questions to another port, in blocks with and
 * without the fault that take turns. Prints what it finds; {@code -Dfaultd.rounds=50} for figures.
 */
@Requires("root")
class OtherTrafficTest {
  private static final int ROUNDS = Integer.getInteger("faultd.rounds", 5);
  private static final int TRIES = 8;
  private static final double MOST = 0.01;

  /** Longer than an answer takes on a machine that is busy. */
  private static final int PATIENCE_MILLIS = 10_000;

  /** Answers at once, which shows what a packet costs. */
  private static final int ECHO = 7002;

  /** Answers after a time that is usual between nodes. */
  private static final int DISTANT = 7003;

  private static final long DISTANCE_NANOS = 2_000_000;

  /** Matches nothing, each way. */
  private static final String RULE =
      """
      nft add table inet floor
      nft 'add chain inet floor out { type filter hook output priority -311; }'
      nft add rule inet floor out udp dport 7009 drop
      nft 'add chain inet floor in { type filter hook input priority 150; }'
      nft add rule inet floor in udp sport 7009 drop
      """;

  /** The same by a class; nothing is sent to it. */
  private static final String CLASS =
      """
      tc qdisc add dev fa root handle 1: htb
      tc class add dev fa parent 1: classid 1:4 htb rate 8mbit
      tc filter add dev fa parent 1: prio 1 protocol ip u32 match ip dport 7009 0xffff flowid 1:4
      """;

  @TempDir Path scratch;
  private Cable cable;
  private DatagramSocket distant;
  private int lost;

  @BeforeEach
  void open() throws Exception {
    cable = Cable.open().echo(ECHO);
    distant = cable.far(() -> new DatagramSocket(new InetSocketAddress("::", DISTANT)));
    Thread.ofPlatform().daemon().name("distant").start(this::answer);
  }

  @AfterEach
  void close() throws Exception {
    distant.close();
    cable.close();
  }

  private void answer() {
    DatagramPacket packet = new DatagramPacket(new byte[64], 64);
    try {
      while (true) {
        distant.receive(packet);
        LockSupport.parkNanos(DISTANCE_NANOS);
        distant.send(packet);
      }
    } catch (IOException closed) {
      // the test is over
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"drop", "loss", "delay", "limit"})
  void isNeitherLostNorLater(String action) throws Exception {
    change(action, ECHO, 300);
    double change = change(action, DISTANT, 60);
    for (int tries = 1; tries < TRIES && change >= MOST; tries++) { // a busy machine is no fault
      change = change(action, DISTANT, 60);
    }
    // but what is lost at any time is
    assertEquals(0, lost, action + " loses others");
    assertTrue(change < MOST, action + " makes others later by a part of " + change);
  }

  /**
   * By which part the median of the time until an answer grows; the median of all rounds. Beside it
   * is what one rule of a tool costs that matches nothing: less than that no fault can.
   */
  private double change(String action, int port, int questions) throws Exception {
    double[] without = new double[ROUNDS];
    double[] with = new double[ROUNDS];
    double[] rule = new double[ROUNDS];
    double[] changes = new double[ROUNDS];
    double[] floors = new double[ROUNDS];
    ask(port, questions);
    for (int i = 0; i < ROUNDS; i++) {
      boolean first = i % 2 == 0;
      without[i] = first ? ask(port, questions) : 0;
      FileTrial on = new FileTrial(new FileTrial.Journal(new Rollback(scratch)), "trial");
      inject(action, on);
      with[i] = ask(port, questions);
      on.holds.forEach(Hold::close);
      on.destroy(false);
      Cable.run(action.equals("limit") ? CLASS : RULE);
      rule[i] = ask(port, questions);
      Cable.run(
          action.equals("limit") ? "tc qdisc del dev fa root" : "nft delete table inet floor");
      without[i] = first ? without[i] : ask(port, questions);
      changes[i] = with[i] / without[i] - 1;
      floors[i] = rule[i] / without[i] - 1;
    }
    double change = Cable.median(changes);
    System.out.printf(
        Locale.ROOT,
        "%-6s others: %7.1f us without, %7.1f us with, %+.2f %%, %d lost; one rule of a tool's:"
            + " %7.1f us, %+.2f %%%n",
        action,
        Cable.median(without),
        Cable.median(with),
        100 * change,
        lost,
        Cable.median(rule),
        100 * Cable.median(floors));
    return change;
  }

  private static void inject(String action, FileTrial on) throws IOException {
    switch (action) {
      case "drop" ->
          new NetworkDrop()
              .inject(Flags.bind(action, NetworkDrop.Params.class, "destination-port=7001"), on);
      case "loss" ->
          new NetworkLoss()
              .inject(
                  Flags.bind(
                      action,
                      NetworkLoss.Params.class,
                      "percent=50",
                      "remote-port=7001",
                      "direction=both"),
                  on);
      case "delay" ->
          new NetworkDelay()
              .inject(
                  Flags.bind(
                      action,
                      NetworkDelay.Params.class,
                      "time=100",
                      "remote-port=7001",
                      "direction=both"),
                  on);
      default ->
          new NetworkLimit()
              .inject(
                  Flags.bind(action, NetworkLimit.Params.class, "rate=8mbit", "remote-port=7001"),
                  on);
    }
  }

  /** Questions one by one; the median of the time until an answer, in microseconds. */
  private double ask(int port, int questions) throws IOException {
    double[] micros = new double[questions];
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.connect(InetAddress.getByName(Cable.FAR), port);
      DatagramPacket question = new DatagramPacket(new byte[32], 32);
      DatagramPacket answer = new DatagramPacket(new byte[64], 64);
      for (int i = 0; i < questions; i++) {
        long begun = System.nanoTime();
        socket.send(question);
        try {
          socket.receive(answer);
        } catch (SocketTimeoutException e) {
          lost++;
        }
        micros[i] = (System.nanoTime() - begun) / 1e3;
      }
    }
    return Cable.median(micros);
  }
}
