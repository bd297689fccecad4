package io.faultd.os.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.faultd.fault.Effect;
import io.faultd.fault.Fault;
import io.faultd.fault.Hold;
import io.faultd.rollback.Rollback;
import io.faultd.testing.Cable;
import io.faultd.testing.Eventually;
import io.faultd.testing.FileTrial;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is told of packets and bytes is what was sent. */
@Requires("root")
class EffectTest {
  private static final int PACKETS = 500;
  private static final int SIZE = 100;

  /** UDP, and what is below it. */
  private static final int OVER_4 = SIZE + 8 + 20;

  private static final int OVER_6 = SIZE + 8 + 40;
  private static final int ETHERNET = 14;

  @TempDir Path scratch;
  private Cable cable;
  private FileTrial on;

  @BeforeEach
  void open() throws Exception {
    cable = Cable.open().echo(7001).echo(7002);
    on = new FileTrial(new FileTrial.Journal(new Rollback(scratch)), "trial");
  }

  @AfterEach
  void close() throws Exception {
    on.holds.forEach(Hold::close);
    on.destroy(false);
    cable.close();
  }

  private <P extends Record> void inject(Fault<P> fault, Class<P> type, String... flags)
      throws Exception {
    String name = fault.getClass().getSimpleName().replace("Network", "").toLowerCase();
    fault.inject(Flags.bind(name, type, flags), on);
  }

  private void counted(long packets, long bytes) throws Exception {
    // a busy kernel delivers what comes in a moment after it was sent
    Eventually.eventually("hits", () -> on.holds.getFirst().effect().hits() >= packets);
    Effect effect = on.holds.getFirst().effect();
    assertEquals(Effect.State.SETTLED, effect.state(), String.valueOf(effect.detail()));
    assertEquals(packets, effect.hits());
    assertEquals(bytes, effect.bytes());
  }

  /** To a port of the other side, of both kinds of IP, and as many to a port that is not meant. */
  private static void send() throws Exception {
    for (String address : new String[] {Cable.FAR, Cable.FAR_6}) {
      send(new DatagramSocket(), new InetSocketAddress(InetAddress.getByName(address), 7001));
      send(new DatagramSocket(), new InetSocketAddress(InetAddress.getByName(address), 7002));
    }
  }

  private static void send(DatagramSocket from, InetSocketAddress to) throws Exception {
    try (from) {
      for (int i = 0; i < PACKETS; i++) {
        from.send(new DatagramPacket(new byte[SIZE], SIZE, to));
      }
    }
  }

  @Test
  void ofADropInBothKindsOfIp() throws Exception {
    inject(new NetworkDrop(), NetworkDrop.Params.class, "destination-port=7001");
    send();
    counted(2 * PACKETS, PACKETS * (OVER_4 + OVER_6));
  }

  @Test
  void ofADropOfWhatComesIn() throws Exception {
    inject(
        new NetworkDrop(),
        NetworkDrop.Params.class,
        "destination-port=7003",
        "network-traffic=in",
        "source-ip=" + Cable.FAR);
    InetSocketAddress near = new InetSocketAddress(InetAddress.getByName(Cable.NEAR), 7003);
    send(cable.far(DatagramSocket::new), near);
    counted(PACKETS, PACKETS * OVER_4);
  }

  @Test
  void ofALossAllAndAPartOfIt() throws Exception {
    inject(new NetworkLoss(), NetworkLoss.Params.class, "percent=40", "remote-port=7001");
    send();
    Effect effect = on.holds.getFirst().effect();
    assertEquals(0.4 * 2 * PACKETS, effect.hits(), 80);
    assertEquals(effect.hits() * (OVER_4 + OVER_6) / 2.0, effect.bytes(), 80 * OVER_6);
  }

  @Test
  void ofADelay() throws Exception {
    inject(new NetworkDelay(), NetworkDelay.Params.class, "time=5", "remote-port=7001");
    send();
    // packets that are sent again are not counted again
    counted(2 * PACKETS, PACKETS * (OVER_4 + OVER_6));
  }

  @Test
  void ofALimit() throws Exception {
    inject(
        new NetworkLimit(),
        NetworkLimit.Params.class,
        "rate=1gbit",
        "burst=1M",
        "remote-port=7001");
    // not more than fit into the buffer of who gets the answers
    int packets = 100;
    double[] trips = cable.roundTrips(Cable.FAR, 7001, packets);
    assertEquals(packets, Arrays.stream(trips).filter(each -> each > 0).count());
    counted(packets, packets * (4 + 8 + 20 + ETHERNET));
  }

  /**
   * Not what was asked for, but what the kernel or the queue let go, and nothing where none did.
   */
  @ParameterizedTest
  @ValueSource(strings = {"out", "in"})
  void ofALimitHowFastPacketsGo(String direction) throws Exception {
    inject(
        new NetworkLimit(),
        NetworkLimit.Params.class,
        "rate=8mbit",
        "direction=" + direction,
        "interface=fa",
        "protocol=tcp");
    Hold limit = on.holds.getFirst();
    assertNull(limit.effect().achieved(), "nothing has gone");
    Thread sending = Thread.ofPlatform().start(() -> transferred(direction.equals("in")));
    Eventually.eventually("as fast as told", () -> near(8e6, limit.effect().achieved()));
    sending.join();
    Eventually.eventually("nothing goes", () -> limit.effect().achieved() == null);
    assertEquals(Effect.State.SETTLED, limit.effect().state());
    assertEquals(8e6, limit.effect().asked());
  }

  private static boolean near(double asked, @Nullable Double seen) {
    return seen != null && Math.abs(seen - asked) <= asked / 20;
  }

  /** Five million bytes of TCP, for five seconds of a limit of 8 Mbit/s. */
  private void transferred(boolean in) {
    try (ServerSocket server = in ? listening(Cable.NEAR) : cable.far(() -> listening(Cable.FAR));
        Socket sender = in ? cable.far(() -> connected(server)) : connected(server);
        Socket receiver = server.accept()) {
      Thread receiving = Thread.ofPlatform().start(() -> received(receiver));
      sender.getOutputStream().write(new byte[5_000_000]);
      sender.shutdownOutput();
      receiving.join();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ServerSocket listening(String address) throws IOException {
    return new ServerSocket(0, 1, InetAddress.getByName(address));
  }

  private static Socket connected(ServerSocket server) throws IOException {
    return new Socket(server.getInetAddress(), server.getLocalPort());
  }

  private static void received(Socket socket) {
    try {
      socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void ofALossOfAllNothingUntilAPacketIsLost() throws Exception {
    inject(new NetworkLoss(), NetworkLoss.Params.class, "percent=99.99999", "remote-port=7001");
    assertNull(on.holds.getFirst().effect().achieved());
    send();
    assertEquals(100, on.holds.getFirst().effect().achieved());
  }
}
