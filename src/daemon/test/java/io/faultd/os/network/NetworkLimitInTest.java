package io.faultd.os.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Effect;
import io.faultd.fault.FaultException;
import io.faultd.fault.Hold;
import io.faultd.linux.nft.Nftables;
import io.faultd.linux.ns.Network;
import io.faultd.rollback.Outcome;
import io.faultd.rollback.Rollback;
import io.faultd.testing.Cable;
import io.faultd.testing.FileTrial;
import io.faultd.testing.Requires;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Packets that come in are let in as fast as told. */
@Requires("root")
class NetworkLimitInTest {
  private static final int MEGABYTE = 1_000_000;

  /** A megabyte of payload in segments of TCP, with what is around them. */
  private static final double ON_THE_WIRE = MEGABYTE * 1514.0 / 1448;

  @TempDir Path scratch;
  private Cable cable;
  private FileTrial on;

  @BeforeEach
  void open() throws Exception {
    cable = Cable.open();
    on = new FileTrial(new FileTrial.Journal(new Rollback(scratch)), "trial");
  }

  @AfterEach
  void close() throws Exception {
    on.holds.forEach(Hold::close);
    on.destroy(false);
    cable.close();
  }

  private void limit(String... flags) throws Exception {
    new NetworkLimit().inject(Flags.bind("limit", NetworkLimit.Params.class, flags), on);
  }

  private Effect effect() {
    return on.holds.getLast().effect();
  }

  /** How many milliseconds a megabyte takes from the far side, behind the first 200 KB. */
  private double received(String address) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName(address));
        Socket sender =
            cable.far(() -> new Socket(InetAddress.getByName(address), server.getLocalPort()));
        Socket receiver = server.accept()) {
      Thread.ofPlatform()
          .daemon()
          .start(() -> {
            try {
              sender.getOutputStream().write(new byte[MEGABYTE * 6 / 5]);
            } catch (java.io.IOException e) {
              throw new java.io.UncheckedIOException(e);
            }
          });
      receiver.setSoTimeout(10_000);
      receiver.getInputStream().readNBytes(MEGABYTE / 5);
      long begin = System.nanoTime();
      assertEquals(MEGABYTE, receiver.getInputStream().readNBytes(MEGABYTE).length);
      return (System.nanoTime() - begin) / 1e6;
    }
  }

  @Test
  void tcpComesInAsFastAsToldOverBothKindsOfIpAndGoesOutAsBefore() throws Exception {
    limit("rate=8mbit", "direction=in");
    double expected = ON_THE_WIRE / MEGABYTE * 1000;
    assertEquals(expected, received(Cable.NEAR), expected / 10);
    assertEquals(expected, received(Cable.NEAR_6), expected / 10);
    assertTrue(cable.transfer(Cable.FAR, MEGABYTE) < 300, "what goes out is not meant");
    Effect effect = effect();
    assertEquals(Effect.State.SETTLED, effect.state(), effect.detail());
    assertEquals(8e6, effect.asked());
    assertTrue(effect.bytes() > 2.4 * MEGABYTE, effect.toString());
    on.holds.getLast().close();
    assertTrue(received(Cable.NEAR) < 300);
  }

  /** How many datagrams of 1,000 bytes of those that come much faster are let in in a second. */
  private int flooded(int port) throws Exception {
    try (DatagramSocket sink = new DatagramSocket(new InetSocketAddress(Cable.NEAR, port));
        DatagramSocket source = cable.far(DatagramSocket::new)) {
      sink.setReceiveBufferSize(8 << 20);
      sink.setSoTimeout(20);
      InetSocketAddress to = new InetSocketAddress(Cable.NEAR, port);
      DatagramPacket packet = new DatagramPacket(new byte[1_000], 1_000, to);
      long begin = System.nanoTime();
      int count = 0;
      for (long now = 0; now < 1_500; now = millis(begin)) {
        for (int i = 0; i < 10; i++) {
          packet.setSocketAddress(to);
          source.send(packet);
        }
        try {
          for (int i = 0; i < 10; i++) {
            sink.receive(new DatagramPacket(new byte[1_000], 1_000));
            count += now >= 500 ? 1 : 0;
          }
        } catch (SocketTimeoutException none) {
          continue;
        }
      }
      return count;
    }
  }

  private static long millis(long since) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
  }

  @Test
  void datagramsComeInAsFastAsToldAndOthersAsBefore() throws Exception {
    limit("rate=4mbit", "direction=in", "local-port=7001");
    // with the headers of UDP, IP and Ethernet
    double expected = 500_000 / 1_042.0;
    assertEquals(expected, flooded(7001), expected / 10);
    assertTrue(flooded(7002) > 2 * expected);
  }

  @Test
  void bothWaysEachAsFastAsTold() throws Exception {
    limit("rate=16mbit", "direction=both", "interface=fa");
    double expected = ON_THE_WIRE / MEGABYTE * 500;
    assertEquals(expected, received(Cable.NEAR), expected / 10);
    assertEquals(expected, cable.transfer(Cable.FAR, MEGABYTE), expected / 5);
    assertEquals(2, on.holds.size());
    long in = effect().bytes() - on.holds.getFirst().effect().bytes();
    assertTrue(in > 1.2 * MEGABYTE, "the hits of both are one sum: " + effect());
    on.holds.forEach(Hold::close);
    on.destroy(false).forEach(each -> assertInstanceOf(Outcome.Undone.class, each));
    assertTrue(received(Cable.NEAR) < 300);
    assertTrue(cable.transfer(Cable.FAR, MEGABYTE) < 300);
    assertTrue(Cable.run("tc qdisc show dev fa").contains("noqueue"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10 local-port=7001",
        "0 local-port=7002",
        "10 local-port=7000-7100,9000",
        "10 remote-port=6001",
        "0 remote-port=6002",
        "0 exclude-port=7001",
        "0 exclude-port=6001",
        "10 exclude-port=6002",
        "10 protocol=udp",
        "0 protocol=tcp",
        "10 destination-ip=10.77.0.0/30",
        "0 destination-ip=10.77.0.3",
        "0 exclude-ip=10.77.0.2",
        "10 exclude-ip=10.77.0.3",
        "10 interface=fa",
        "0 interface=lo"
      })
  void hitsThePacketsThatAreMeantAndNoOthers(String expected) throws Exception {
    String flag = expected.substring(expected.indexOf(' ') + 1);
    limit("rate=100mbit", "direction=in", flag);
    InetAddress here = InetAddress.getByName(Cable.NEAR);
    try (DatagramSocket sender = cable.far(() -> new DatagramSocket(6001));
        DatagramSocket receiver = new DatagramSocket(7001, here)) {
      receiver.setSoTimeout(10_000);
      for (int i = 0; i < 10; i++) {
        sender.send(new DatagramPacket(new byte[100], 100, here, 7001));
        receiver.receive(new DatagramPacket(new byte[100], 100));
      }
    }
    assertEquals(expected, effect().hits() + " " + flag);
    assertEquals(effect().hits() * 128, effect().bytes());
  }

  @Test
  void itEndsTwiceAndLeavesNothing() throws Exception {
    limit("rate=8kbit", "direction=in");
    on.holds.getFirst().close();
    on.holds.getFirst().close();
    try (Nftables nftables = Nftables.open(Network.OWN)) {
      assertEquals(List.of(), nftables.tables());
    }
    assertEquals(Effect.State.GONE, effect().state());
  }

  @Test
  void flagsThatCannotBeAreRefusedBeforeAnythingChanges() {
    assertThrows(FaultException.class, () -> limit("rate=1mbit", "direction=up"));
    assertThrows(FaultException.class, () -> limit("rate=7kbit", "direction=in"));
    assertThrows(FaultException.class, () -> limit("rate=1mbit", "direction=both", "burst=10"));
    assertThrows(
        FaultException.class, () -> limit("rate=1mbit", "direction=in", "interface=nowhere"));
    assertEquals(List.of(), on.holds);
    assertEquals(List.of(), on.steps());
  }
}
