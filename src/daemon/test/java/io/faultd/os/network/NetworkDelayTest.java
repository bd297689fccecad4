package io.faultd.os.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Effect;
import io.faultd.fault.FaultException;
import io.faultd.os.RecordedInjection;
import io.faultd.testing.Cable;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Requires("root")
class NetworkDelayTest {
  private Cable cable;
  private final RecordedInjection on = new RecordedInjection();

  @BeforeEach
  void open() throws Exception {
    cable = Cable.open().echo(7001).echo(7002);
    cable.roundTrips(Cable.FAR, 7001, 50);
  }

  @AfterEach
  void close() throws Exception {
    on.close();
    cable.close();
  }

  private void delay(String... flags) throws IOException {
    new NetworkDelay().inject(Flags.bind("delay", NetworkDelay.Params.class, flags), on);
  }

  /** Others may keep the processors busy for a while, which makes it longer and never shorter. */
  private double median(String address, int port, double enough) throws IOException {
    double least = Double.MAX_VALUE;
    for (int tries = 0; tries < 10 && least > enough; tries++) {
      least = Math.min(least, Cable.median(cable.roundTrips(address, port, 15)));
    }
    return least;
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 100, 500})
  void holdsPacketsAsLongAsAskedAndNoOthers(int millis) throws Exception {
    delay("time=" + millis, "remote-port=7001");
    double near = Math.max(0.5, millis * 0.02);
    double base = median(Cable.FAR, 7002, 0.2);
    assertEquals(millis, median(Cable.FAR, 7001, millis + base + near) - base, near);
    assertEquals(millis, median(Cable.FAR_6, 7001, millis + base + near) - base, near);
    assertTrue(median(Cable.FAR, 7002, 1) < 5, "others are not held");
    assertEquals("nfqueue", on.engine);
    Effect effect = on.holds.getLast().effect();
    assertEquals(millis, effect.achieved(), near + 1);
    assertTrue(effect.hits() >= 30, String.valueOf(effect.hits()));
  }

  @Test
  void severalAddUpInAnyOrderTogetherWithLoss() throws Exception {
    delay("time=20", "remote-port=7001");
    new NetworkLoss()
        .inject(Flags.bind("loss", NetworkLoss.Params.class, "percent=30", "remote-port=7100"), on);
    delay("time=30", "remote-port=7001,7100");
    delay("time=40", "remote-port=7001", "direction=in");
    assertEquals(90, median(Cable.FAR, 7001, 93), 5);
    assertEquals(90, median(Cable.FAR_6, 7001, 93), 5);
    assertEquals(30, cable.lost(Cable.FAR, 7100, 10_000), 2, "each packet has one chance only");
    on.holds.getFirst().close();
    assertEquals(70, median(Cable.FAR, 7001, 73), 5);
    on.holds.get(2).close();
    assertEquals(40, median(Cable.FAR, 7001, 43), 5);
    on.close();
    assertTrue(median(Cable.FAR, 7001, 3) < 5);
  }

  @Test
  void keepsTheOrder() throws Exception {
    delay("time=15");
    double[] trips = cable.roundTrips(Cable.FAR, 7001, 200);
    int swapped = 0;
    for (int i = 1; i < trips.length; i++) {
      swapped += trips[i] < trips[i - 1] - 14 ? 1 : 0;
    }
    assertEquals(0, swapped);
    assertEquals(List.of(), cable.disordered(Cable.FAR, 7100, 2_000));
  }

  @Test
  void theTimeVariesByTheOffset() throws Exception {
    delay("time=60", "offset=40");
    double middle = Double.MAX_VALUE;
    for (int tries = 0; tries < 3 && middle > 72; tries++) { // other work makes all of them later
      double[] trips = cable.roundTrips(Cable.FAR, 7001, 300);
      Arrays.sort(trips);
      assertTrue(trips[0] >= 19.9 && trips[0] < 35, "shortest " + trips[0]);
      assertTrue(trips[299] > 85, "longest " + trips[299]);
      middle = Cable.median(trips);
    }
    assertEquals(60, middle, 12);
  }

  @Test
  void tcpFillsItsWindowWhileItsPacketsAreUnderWay() throws Exception {
    delay("time=20", "direction=out");
    // held at the sender's socket it would be 2 Mbit/s, and take 16 s
    double millis = Double.MAX_VALUE;
    for (int tries = 0; tries < 3 && millis > 1_500; tries++) {
      millis = Math.min(millis, cable.transfer(Cable.FAR, 4 << 20));
    }
    assertTrue(millis < 1_500, "4 MiB took " + millis + " ms");
    assertTrue(cable.transfer(Cable.FAR_6, 1 << 20) < 3_000);
  }

  @Test
  void largeDatagramsPassWhole() throws Exception {
    delay("time=10");
    for (int size : new int[] {1_400, 1_473, 2_100, 20_000, 60_000}) {
      assertTrue(cable.answers(0, Cable.FAR, 7001, "x".repeat(size)), size + " bytes");
    }
  }

  @Test
  void whatIsHeldWhenItEndsArrivesAllTheSame() throws Exception {
    delay("time=20s", "remote-port=7001");
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(InetAddress.getByName(Cable.FAR), 7001);
      for (int i = 0; i < 20; i++) {
        socket.send(new DatagramPacket(new byte[8], 8));
      }
      on.close();
      socket.setSoTimeout(5_000);
      for (int i = 0; i < 20; i++) {
        socket.receive(new DatagramPacket(new byte[8], 8));
      }
    }
    assertEquals(Effect.State.GONE, on.holds.getFirst().effect().state());
  }

  @Test
  void worksOnLo() throws Exception {
    delay("time=25", "interface=lo", "protocol=udp", "destination-ip=127.0.0.1");
    try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0))) {
      socket.setSoTimeout(5_000);
      long begin = System.nanoTime();
      socket.send(new DatagramPacket(new byte[8], 8, socket.getLocalSocketAddress()));
      socket.receive(new DatagramPacket(new byte[8], 8));
      double millis = (System.nanoTime() - begin) / 1e6;
      assertTrue(millis >= 25 && millis < 60, "took " + millis);
    }
  }

  /** The largest packets there are, which only lo sends, are not handed to us whole. */
  @Test
  void theLargestPacketsPassWhole() throws Exception {
    delay("time=5", "interface=lo", "direction=out", "destination-ip=127.0.0.1");
    try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0))) {
      socket.setSoTimeout(5_000);
      socket.setSendBufferSize(1 << 20);
      for (int size = 65_500; size <= 65_507; size++) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) size);
        socket.send(new DatagramPacket(bytes, size, socket.getLocalSocketAddress()));
        DatagramPacket received = new DatagramPacket(new byte[65_536], 65_536);
        try {
          socket.receive(received);
        } catch (SocketTimeoutException e) {
          throw new AssertionError(size + " bytes: " + on.holds.getFirst().effect(), e);
        }
        assertEquals(size, received.getLength());
        assertEquals((byte) size, received.getData()[size - 1]);
      }
      assertEquals(8, on.holds.getFirst().effect().hits());
    }
  }

  @Test
  void whatCanNeverBeHitIsRefused() throws Exception {
    Map<String, List<String>> wrong = new TreeMap<>();
    wrong.put("time", List.of("time=0"));
    wrong.put("offset", List.of("time=10", "offset=11"));
    wrong.put("interface", List.of("time=10", "interface=nowhere0"));
    for (Map.Entry<String, List<String>> each : wrong.entrySet()) {
      FaultException refused =
          assertThrows(FaultException.class, () -> delay(each.getValue().toArray(String[]::new)));
      assertEquals(each.getKey(), refused.field().orElse(""), refused.getMessage());
    }
    assertEquals(List.of(), on.holds);
  }
}
