package io.faultd.e2e;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.linux.nft.Nftables;
import io.faultd.linux.ns.Network;
import io.faultd.testing.Cable;
import io.faultd.testing.Requires;
import io.faultd.v1.GetExperimentRequest;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Packets go as they always did when the daemon is killed. */
@Requires("root")
class NetworkDeathTest {
  /** {@code -Dfaultd.kills=25} kills so many daemons for each action. */
  private static final int KILLS = Integer.getInteger("faultd.kills", 1);

  private static final Map<String, Map<String, String>> FLAGS =
      Map.of(
          "drop", Map.of(),
          "loss", Map.of("percent", "100", "direction", "both"),
          "delay", Map.of("time", "10m", "direction", "both", "offset", "1m"),
          "limit", Map.of("rate", "8kbit", "direction", "in", "burst", "1600"));

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"drop", "loss", "delay", "limit"})
  void withinASecondOfItsDeathTrafficFlowsAndNoTableIsLeft(String action) throws Exception {
    double[] gone = new double[KILLS];
    double[] flows = new double[KILLS];
    try (Daemon daemon = Daemon.in(folder).start();
        DatagramSocket socket = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0));
        Nftables nftables = Nftables.open(Network.OWN)) {
      for (int i = 0; i < KILLS; i++) {
        String uid = broken(daemon, action, socket);
        assertEquals(1, nftables.tables().size());
        long killed = System.nanoTime();
        daemon.kill();
        while (!nftables.tables().isEmpty()) {
          assertTrue(seconds(killed) < 10, "the table stays");
        }
        gone[i] = seconds(killed);
        while (!arrives(socket, 20)) {
          assertTrue(seconds(killed) < 10, "nothing ever flows");
        }
        flows[i] = seconds(killed);
        assertTrue(flows[i] < 1, "took " + flows[i] + " s, the table " + gone[i] + " s");
        daemon.start();
        assertEquals("Destroyed", daemon.rest().status(uid));
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%-6s SIGKILL to no table: median %.0f ms, worst %.0f ms; to traffic: %.0f ms, %.0f ms%n",
        action,
        1e3 * Cable.median(gone),
        1e3 * Arrays.stream(gone).max().orElseThrow(),
        1e3 * Cable.median(flows),
        1e3 * Arrays.stream(flows).max().orElseThrow());
  }

  /** What comes to a socket does so no more; the experiment by which that is. */
  private static String broken(Daemon daemon, String action, DatagramSocket socket)
      throws Exception {
    Map<String, String> flags = new HashMap<>(FLAGS.get(action));
    flags.put("interface", "lo");
    String port =
        Map.of("drop", "destination-port", "limit", "local-port")
            .getOrDefault(action, "remote-port");
    flags.put(port, Integer.toString(socket.getLocalPort()));
    String uid = daemon.rest().create("network", action, flags).uid();
    assertEquals("Success", daemon.rest().status(uid), daemon.log());
    for (int i = 0; action.equals("limit") && i < 40; i++) { // nearly a minute's worth
      socket.send(new DatagramPacket(new byte[1_400], 1_400, socket.getLocalSocketAddress()));
    }
    arrives(socket, 300); // what of it is let in at once
    assertFalse(arrives(socket, 300), action + " works");
    return uid;
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  private static boolean arrives(DatagramSocket socket, int patience) throws IOException {
    socket.setSoTimeout(patience);
    socket.send(new DatagramPacket(new byte[8], 8, socket.getLocalSocketAddress()));
    try {
      socket.receive(new DatagramPacket(new byte[8], 8));
      return true;
    } catch (SocketTimeoutException lost) {
      return false;
    }
  }

  @Test
  void aTreeThatOthersTakeAwayIsAnErrorWithinTwoSeconds() throws Exception {
    try (Daemon daemon = Daemon.in(folder).start()) {
      Map<String, String> flags = Map.of("rate", "100mbit", "interface", "lo");
      String uid = daemon.rest().create("network", "limit", flags).uid();
      Cable.run("tc qdisc del dev lo root");
      long begin = System.nanoTime();
      eventually("an error", () -> daemon.rest().status(uid).equals("Error"));
      assertTrue(System.nanoTime() - begin < 2_000_000_000L, "took too long");
      String error = daemon.rest().experiment(uid).getString("error");
      assertTrue(error.startsWith("gone: "), error);
      assertEquals(200, daemon.rest().destroy(uid).status());
    }
  }

  @Test
  void theDaemonIsReachedUnderTotalLossOnTheWayByWhichOrdersCome() throws Exception {
    try (Daemon daemon = Daemon.in(folder).start();
        DatagramSocket socket = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0))) {
      Map<String, String> all = Map.of("percent", "100", "direction", "both", "interface", "lo");
      String uid = daemon.rest().create("network", "loss", all).uid();
      assertFalse(arrives(socket, 300), "all else is lost");
      assertEquals("Success", daemon.rest().status(uid));
      for (Protocol protocol : Protocol.values()) {
        assertEquals("Success", protocol.status(daemon, uid));
      }
      counted(daemon, uid);
      assertEquals("Destroyed", Protocol.GRPC.destroy(daemon, uid));
      assertFalse(daemon.rest().get("/metrics").text().contains(uid), "no gauge is left");
      assertTrue(arrives(socket, 3_000));
      Map<String, String> flags =
          Map.of("percent", "100", "local-port", Integer.toString(daemon.httpPort()));
      assertEquals(403, daemon.rest().create("network", "loss", flags).status());
    }
  }

  /** What the kernel has counted is told everywhere alike: one packet of 8 bytes, UDP and IP. */
  private static void counted(Daemon daemon, String uid) throws Exception {
    eventually(
        "a look a second later",
        () -> daemon.rest().experiment(uid).getJsonObject("effect").getInt("hits", 0) == 1);
    assertEquals(36, daemon.rest().experiment(uid).getJsonObject("effect").getInt("bytes"));
    var request = GetExperimentRequest.newBuilder().setUid(uid).build();
    assertEquals(
        36, daemon.experiments().getExperiment(request).getRecord().getEffect().getBytes());
    List<String> gauges =
        daemon
            .rest()
            .get("/metrics")
            .text()
            .lines()
            .filter(line -> line.contains("uid=\"" + uid + "\""))
            .map(line -> line.replaceAll("\\{.*}", ""))
            .sorted()
            .toList();
    assertEquals(
        List.of(
            "faultd_experiment_achieved 100.0",
            "faultd_experiment_asked 100.0",
            "faultd_experiment_bytes 36.0",
            "faultd_experiment_hits 1.0",
            "faultd_experiment_shortfall 0.0"),
        gauges);
  }
}
