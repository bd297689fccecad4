package io.faultd.os.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Effect;
import io.faultd.fault.FaultException;
import io.faultd.fault.Hold;
import io.faultd.linux.nft.Nftables;
import io.faultd.linux.ns.Network;
import io.faultd.os.RecordedInjection;
import io.faultd.testing.Cable;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@Requires("root")
class NetworkDropTest {
  private Cable cable;
  private final RecordedInjection on = new RecordedInjection();

  @BeforeEach
  void open() throws Exception {
    cable = Cable.open().echo(7001).echo(7002);
  }

  @AfterEach
  void close() throws Exception {
    on.close();
    cable.close();
  }

  private void drop(String... flags) throws IOException {
    new NetworkDrop().inject(Flags.bind("drop", NetworkDrop.Params.class, flags), on);
  }

  private long hits() {
    Effect effect = on.holds.getLast().effect();
    assertEquals(Effect.State.SETTLED, effect.state(), String.valueOf(effect.detail()));
    return effect.hits();
  }

  @Test
  void dropsWhatGoesToAPortAndNothingElse() throws Exception {
    drop("destination-port=7001", "network-traffic=out");
    assertFalse(cable.answers(Cable.FAR, 7001));
    assertTrue(cable.answers(Cable.FAR, 7002));
    assertFalse(cable.answers(Cable.FAR_6, 7001), "IPv6, too");
    assertTrue(cable.answers(Cable.FAR_6, 7002));
    assertEquals(2, hits());
  }

  @Test
  void tellsNobodyOfTheLoss() throws Exception {
    drop("destination-port=7001");
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(InetAddress.getByName(Cable.FAR), 7001);
      for (int i = 0; i < 3; i++) {
        socket.send(new DatagramPacket(new byte[8], 8));
      }
    }
    assertEquals(3, hits());
  }

  @Test
  void dropsWhatComesIn() throws Exception {
    drop("source-port=7001", "network-traffic=in");
    assertFalse(cable.answers(Cable.FAR, 7001));
    assertTrue(cable.answers(Cable.FAR, 7002));
    assertFalse(cable.answers(Cable.FAR_6, 7001));
    assertEquals(2, hits());
  }

  @Test
  void withoutADirectionDropsBoth() throws Exception {
    drop("protocol=udp", "source-port=7001");
    assertFalse(cable.answers(Cable.FAR, 7001), "the answer is dropped");
    assertFalse(cable.answers(7001, Cable.FAR, 7002, "hello"), "the question is dropped");
  }

  @Test
  void takesListsRangesAndPrefixes() throws Exception {
    drop(
        "destination-port=1-7000,7002-65535",
        "destination-ip=10.77.0.3,fd77::/64",
        "network-traffic=out");
    assertTrue(cable.answers(Cable.FAR, 7002), "another address");
    assertTrue(cable.answers(Cable.FAR_6, 7001), "another port");
    assertFalse(cable.answers(Cable.FAR_OTHER, 7002));
    assertFalse(cable.answers(Cable.FAR_6, 7002));
    on.close();
    assertTrue(cable.answers(Cable.FAR_OTHER, 7002));
  }

  @Test
  void leavesExcludedPortsAndAddressesAlone() throws Exception {
    drop(
        "protocol=udp",
        "exclude-port=7002",
        "exclude-ip=10.77.0.3,fd77::2/128",
        "network-traffic=out");
    assertFalse(cable.answers(Cable.FAR, 7001));
    assertTrue(cable.answers(Cable.FAR, 7002));
    assertTrue(cable.answers(Cable.FAR_OTHER, 7001));
    assertTrue(cable.answers(Cable.FAR_6, 7001));
  }

  @Test
  void dropsOnlyPacketsWithThePattern() throws Exception {
    drop("string-pattern=secret", "network-traffic=out");
    assertFalse(cable.answers(0, Cable.FAR, 7001, "a secret is told"));
    assertTrue(cable.answers(0, Cable.FAR, 7001, "nothing is told"));
    assertEquals(1, hits());
  }

  @Test
  void hitsOnlyTheInterfacesThatAreNamedAndNeverLoUnlessItIs() throws Exception {
    drop("interface=fa", "protocol=udp", "network-traffic=out");
    assertFalse(cable.answers(Cable.FAR, 7001));
    try (DatagramSocket here = new DatagramSocket(new InetSocketAddress("127.0.0.1", 7003))) {
      assertTrue(loops(here));
      drop("interface=lo", "destination-ip=127.0.0.1");
      assertFalse(loops(here));
    }
  }

  private static boolean loops(DatagramSocket socket) throws IOException {
    socket.setSoTimeout(400);
    socket.send(new DatagramPacket(new byte[1], 1, socket.getLocalSocketAddress()));
    try {
      socket.receive(new DatagramPacket(new byte[8], 8));
      return true;
    } catch (SocketTimeoutException lost) {
      return false;
    }
  }

  @Test
  void aConnectionThatIsDroppedTimesOutAndIsNotRefused() throws Exception {
    try (ServerSocket server =
        cable.far(() -> new ServerSocket(7100, 5, InetAddress.getByName(Cable.FAR)))) {
      drop("destination-port=7100", "protocol=tcp");
      try (Socket socket = new Socket()) {
        assertThrows(
            SocketTimeoutException.class,
            () -> socket.connect(new InetSocketAddress(Cable.FAR, 7100), 300));
      }
      on.close();
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(Cable.FAR, 7100), 5_000);
      }
      assertTrue(server.isBound());
    }
  }

  @Test
  void dropsIcmpAndKeepsNeighboursFound() throws Exception {
    drop("protocol=icmp");
    cable.runFar("! ping -c 1 -W 1 10.77.0.1 >/dev/null");
    cable.estrange();
    assertTrue(cable.answers(Cable.FAR, 7001));
    assertTrue(cable.answers(Cable.FAR_6, 7001), "neighbour discovery is ICMPv6");
  }

  @Test
  void nothingIsLeftAndClosingTwiceIsFine() throws Exception {
    String before = Cable.run("nft list ruleset");
    drop("destination-port=7001");
    assertTrue(Cable.run("nft list ruleset").contains("faultd-0badcafe-trial-1"));
    on.close();
    on.close();
    assertEquals(before, Cable.run("nft list ruleset"));
    assertEquals(Effect.State.GONE, on.holds.getLast().effect().state());
  }

  @Test
  void othersCanNotTakeItAwayByMistake() throws Exception {
    drop("destination-port=7001");
    Cable.run("nft flush ruleset");
    assertFalse(cable.answers(Cable.FAR, 7001));
    assertEquals(1, hits());
  }

  @Test
  void severalAddUpInAnyOrder() throws Exception {
    drop("destination-port=7001");
    drop("destination-port=7002");
    assertFalse(cable.answers(Cable.FAR, 7001));
    assertFalse(cable.answers(Cable.FAR, 7002));
    Hold first = on.holds.getFirst();
    first.close();
    assertTrue(cable.answers(Cable.FAR, 7001));
    assertFalse(cable.answers(Cable.FAR, 7002));
  }

  @Test
  void whatCanNeverBeHitIsRefusedBeforeAnythingChanges() throws Exception {
    Map<String, List<String>> wrong = new TreeMap<>();
    wrong.put("destination-port", List.of("protocol=icmp", "destination-port=80"));
    wrong.put("source-port", List.of("source-port=80-82", "exclude-port=80-90"));
    wrong.put("source-ip", List.of("source-ip=10.1.2.0/24", "exclude-ip=10.0.0.0/8"));
    wrong.put("interface", List.of("interface=nowhere0"));
    wrong.put("exclude-ip", List.of("protocol=tcp", "exclude-ip=0.0.0.0/0,::/0"));
    wrong.put("exclude-port", List.of("protocol=tcp", "exclude-port=1-65535"));
    wrong.put("destination-ip", List.of("destination-ip=127.0.0.1"));
    wrong.put("string-pattern", List.of("string-pattern=" + "x".repeat(129)));
    for (Map.Entry<String, List<String>> each : wrong.entrySet()) {
      String[] flags = each.getValue().toArray(String[]::new);
      FaultException refused =
          assertThrows(FaultException.class, () -> drop(flags), Arrays.toString(flags));
      assertEquals(each.getKey(), refused.field().orElse(""), refused.getMessage());
    }
    for (String address :
        List.of(
            "example.org", "10.0.0", "10.0.0.256", "10.0.0.0/33", "fe80::1%fa", "::/129", "1:2")) {
      assertThrows(FaultException.class, () -> drop("source-ip=" + address), address);
    }
    FaultException mixed =
        assertThrows(
            FaultException.class, () -> drop("source-ip=10.0.0.1", "destination-ip=fd77::2"));
    assertEquals("destination-ip", mixed.field().orElse(""));
    try (Nftables nftables = Nftables.open(Network.OWN)) {
      assertEquals(List.of(), nftables.tables());
    }
    assertEquals(List.of(), on.holds);
  }
}
