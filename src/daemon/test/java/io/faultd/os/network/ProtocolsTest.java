package io.faultd.os.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Effect;
import io.faultd.fault.Fault;
import io.faultd.fault.Hold;
import io.faultd.rollback.Rollback;
import io.faultd.testing.Cable;
import io.faultd.testing.Eventually;
import io.faultd.testing.FileTrial;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A fault on one protocol hits that one, over IPv4 and IPv6, and no other. */
@Requires("root")
class ProtocolsTest {
  private static final int PORT = 7001;

  /** Longer than an answer takes on a machine that is busy. */
  private static final int PATIENCE = 10_000;

  /** Longer than it takes on one that is not; for what never comes. */
  private static final int IN_VAIN = 400;

  private static final double DELAY = 100;

  @TempDir Path scratch;
  private Cable cable;
  private ServerSocket server;
  private FileTrial on;

  @BeforeEach
  void open() throws Exception {
    cable = Cable.open().echo(PORT);
    server = cable.far(() -> new ServerSocket(PORT, 1_000, InetAddress.getByName("::")));
    on = new FileTrial(new FileTrial.Journal(new Rollback(scratch)), "trial");
  }

  @AfterEach
  void close() throws Exception {
    on.holds.forEach(Hold::close);
    on.destroy(false);
    server.close();
    cable.close();
  }

  private <P extends Record> void inject(Fault<P> fault, Class<P> type, String... flags)
      throws Exception {
    String name = fault.getClass().getSimpleName().replace("Network", "").toLowerCase();
    fault.inject(Flags.bind(name, type, flags), on);
  }

  /** How long a question of a protocol waits for its answer, in milliseconds; -1: for ever. */
  private static double trip(String protocol, String address) throws Exception {
    return trip(protocol, address, PATIENCE);
  }

  private static double trip(String protocol, String address, int patience) throws Exception {
    InetAddress far = InetAddress.getByName(address);
    long begin = System.nanoTime();
    boolean answered =
        switch (protocol) {
          case "tcp" -> connects(far, patience);
          case "icmp" -> far.isReachable(patience);
          default -> Cable.answered(0, address, PORT, "hello", patience);
        };
    return answered ? (System.nanoTime() - begin) / 1e6 : -1;
  }

  private static boolean connects(InetAddress far, int patience) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(far, PORT), patience);
      return true;
    } catch (SocketTimeoutException lost) {
      return false;
    }
  }

  private static List<String> others(String protocol) {
    return List.of("tcp", "udp", "icmp").stream().filter(each -> !each.equals(protocol)).toList();
  }

  private Effect effect() {
    return on.holds.getFirst().effect();
  }

  @ParameterizedTest
  @ValueSource(strings = {"tcp", "udp", "icmp"})
  void isLost(String protocol) throws Exception {
    inject(new NetworkLoss(), NetworkLoss.Params.class, "percent=100", "protocol=" + protocol);
    for (String address : List.of(Cable.FAR, Cable.FAR_6)) {
      long before = effect().hits();
      for (String other : others(protocol)) {
        assertTrue(trip(other, address) >= 0, other + " to " + address + " is not lost");
      }
      assertEquals(before, effect().hits(), "others are not hit");
      assertEquals(-1, trip(protocol, address, IN_VAIN), protocol + " to " + address);
      assertTrue(effect().hits() > before);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tcp", "udp", "icmp"})
  void isHeld(String protocol) throws Exception {
    inject(new NetworkDelay(), NetworkDelay.Params.class, "time=100", "protocol=" + protocol);
    for (String address : List.of(Cable.FAR, Cable.FAR_6)) {
      long before = effect().hits();
      for (String other : others(protocol)) {
        Eventually.eventually(other + " is not held", () -> trip(other, address) < DELAY);
      }
      assertEquals(before, effect().hits(), "others are not hit");
      double trip = trip(protocol, address);
      assertTrue(trip >= DELAY, protocol + " to " + address + ": " + trip + " ms");
      assertTrue(effect().hits() > before);
    }
  }

  /** As long as the smallest packet needs, and nothing else does so again and again. */
  private static boolean waits(String protocol, String address) throws Exception {
    double least = Double.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      double trip = trip(protocol, address, IN_VAIN);
      least = Math.min(least, trip < 0 ? IN_VAIN : trip);
    }
    return least > 30;
  }

  @ParameterizedTest
  @ValueSource(strings = {"tcp", "udp", "icmp"})
  void waitsForItsTurn(String protocol) throws Exception {
    inject(
        new NetworkLimit(),
        NetworkLimit.Params.class,
        "rate=8kbit",
        "burst=1600",
        "protocol=" + protocol);
    for (String address : List.of(Cable.FAR, Cable.FAR_6)) {
      long before = effect().hits();
      for (String other : others(protocol)) {
        for (int i = 0; i < 40; i++) {
          assertTrue(trip(other, address) >= 0, other + " to " + address + " does not wait");
        }
      }
      assertEquals(before, effect().hits(), "others are not hit");
      // some go at once, until the burst is used up
      Eventually.eventually(protocol + " waits", () -> waits(protocol, address));
      assertTrue(effect().hits() > before);
    }
  }
}
