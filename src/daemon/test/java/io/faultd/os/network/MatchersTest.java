package io.faultd.os.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Fault;
import io.faultd.fault.Hold;
import io.faultd.os.RecordedInjection;
import io.faultd.testing.Cable;
import io.faultd.testing.Eventually;
import io.faultd.testing.Requires;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each matcher in each direction: how many packets of IPv4 and of IPv6 are hit, of those between
 * port 6005 of this side and port 7005 of the other.
 */
@Requires("root")
class MatchersTest {
  private static final List<String> COMMON =
      List.of(
          "10 10 local-port=6005",
          "0 0 local-port=6006",
          "10 10 local-port=80,6000-6010",
          "10 10 remote-port=7005",
          "0 0 remote-port=7006",
          "10 10 remote-port=1-7005",
          "0 0 exclude-port=6005",
          "0 0 exclude-port=7000-7010",
          "10 10 exclude-port=7006,6006",
          "10 0 destination-ip=10.77.0.2",
          "0 0 destination-ip=10.77.0.3",
          "10 10 destination-ip=10.77.0.0/24,fd77::/64",
          "0 10 destination-ip=fd77::2,10.77.0.64/26",
          "0 10 exclude-ip=10.77.0.0/24",
          "10 0 exclude-ip=fd77::2,192.0.2.1",
          "10 10 protocol=udp",
          "0 0 protocol=tcp",
          "0 0 protocol=icmp",
          "10 10 interface=lo,fa",
          "0 0 interface=lo",
          "10 10 interface=fa-too",
          "10 10 force=true",
          "10 10 ignore-peer-port=true");

  private static final List<String> OF_A_DROP =
      List.of(
          "10 0 source-ip=10.77.0.1",
          "0 0 source-ip=10.77.0.2,fd77::2",
          "0 10 source-ip=fd77::/64",
          "10 0 destination-ip=10.77.0.2/31",
          "0 0 destination-ip=10.77.0.1,fd77::1",
          "10 10 source-port=6000-6010",
          "0 0 source-port=7005",
          "10 10 destination-port=9,7005",
          "0 0 destination-port=6005",
          "10 10 string-pattern=needle",
          "0 0 string-pattern=noodle",
          "0 10 exclude-ip=10.77.0.2",
          "0 0 exclude-port=7005",
          "10 10 interface=fa");

  private Cable cable;

  @BeforeEach
  void open() throws Exception {
    cable = Cable.open();
    Cable.run("ip link property add dev fa altname fa-too");
  }

  @AfterEach
  void close() throws Exception {
    cable.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"out", "in"})
  void ofLoss(String direction) throws Exception {
    check(COMMON, "loss", NetworkLoss.class, NetworkLoss.Params.class, direction, "percent=100");
  }

  @ParameterizedTest
  @ValueSource(strings = {"out", "in"})
  void ofDelay(String direction) throws Exception {
    check(COMMON, "delay", NetworkDelay.class, NetworkDelay.Params.class, direction, "time=1");
  }

  @Test
  void ofDrop() throws Exception {
    for (String row : OF_A_DROP) {
      NetworkDrop drop = new NetworkDrop();
      String way = "network-traffic=out";
      assertEquals(
          row, hits(row, drop, "drop", NetworkDrop.Params.class, List.of("out", way)), way);
      String opposite = "network-traffic=in";
      String none = "0 0" + row.substring(row.lastIndexOf(' '));
      assertEquals(
          none,
          hits(none, drop, "drop", NetworkDrop.Params.class, List.of("out", opposite)),
          opposite);
    }
  }

  private <P extends Record> void check(
      List<String> rows,
      String action,
      Class<? extends Fault<P>> fault,
      Class<P> type,
      String... flags)
      throws Exception {
    Fault<P> instance = fault.getDeclaredConstructor().newInstance();
    List<String> all = List.of(flags[0], "direction=" + flags[0], flags[1]);
    for (String row : rows) {
      assertEquals(row, hits(row, instance, action, type, all), flags[0]);
    }
  }

  /** What was hit, as a row says it. */
  private <P extends Record> String hits(
      String row, Fault<P> fault, String action, Class<P> type, List<String> all) throws Exception {
    String flag = row.substring(row.lastIndexOf(' ') + 1);
    List<String> flags = new ArrayList<>(all.subList(1, all.size()));
    flags.add(flag);
    if (!flag.startsWith("protocol=")) {
      flags.add("protocol=udp"); // the kernels themselves talk ICMPv6 now and then
    }
    StringBuilder hits = new StringBuilder();
    for (boolean wide : new boolean[] {false, true}) {
      try (RecordedInjection on = new RecordedInjection()) {
        fault.inject(Flags.bind(action, type, flags.toArray(String[]::new)), on);
        send(all.getFirst().equals("out"), wide);
        Hold hold = on.holds.getLast();
        long expected = Long.parseLong(row.split(" ", -1)[wide ? 1 : 0]);
        // a busy kernel delivers what comes in a moment after it was sent
        Eventually.eventually(row, () -> hold.effect().hits() >= expected);
        hits.append(hold.effect().hits()).append(' ');
        String name = flag.substring(0, flag.indexOf('='));
        boolean ignored = name.equals("force") || name.equals("ignore-peer-port");
        assertEquals(ignored ? 1 : 0, on.warnings.size(), on.warnings.toString());
        assertTrue(!ignored || on.warnings.getFirst().startsWith(name + ": ignored"));
      }
    }
    return hits + flag;
  }

  private void send(boolean out, boolean wide) throws Exception {
    InetSocketAddress near = new InetSocketAddress(wide ? Cable.NEAR_6 : Cable.NEAR, 6005);
    InetSocketAddress far = new InetSocketAddress(wide ? Cable.FAR_6 : Cable.FAR, 7005);
    byte[] bytes = "hay needle hay".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    try (DatagramSocket socket =
        out ? new DatagramSocket(near) : cable.far(() -> new DatagramSocket(far))) {
      for (int i = 0; i < 10; i++) {
        socket.send(new DatagramPacket(bytes, bytes.length, out ? far : near));
      }
    }
  }
}
