package io.faultd.os.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.os.RecordedInjection;
import io.faultd.testing.Cable;
import io.faultd.testing.Eventually;
import io.faultd.testing.Requires;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Packets that are held go the way that they would have gone, also where their source decides. */
@Requires("root")
class RoutedBySourceTest {
  private static final Pattern PACKETS = Pattern.compile("packets (\\d+)");

  private final RecordedInjection on = new RecordedInjection();
  private Cable cable;

  /** Two ways to one address: which one is taken depends on the source. */
  @BeforeEach
  void open() throws Exception {
    cable = Cable.open();
    Cable.run(
        """
        ip link add sa type veth peer name sb netns %d
        ip addr add 10.78.0.1/24 dev sa
        ip addr add fd78::1/64 dev sa nodad
        ip link set sa up
        """
            .formatted(cable.process()));
    cable.runFar(
        """
        ip addr add 10.78.0.2/24 dev sb
        ip addr add fd78::2/64 dev sb nodad
        ip link set sb up
        ip addr add 10.99.0.1/32 dev lo
        ip addr add fd99::1/128 dev lo
        echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter
        echo 0 > /proc/sys/net/ipv4/conf/sb/rp_filter
        nft add table inet seen
        nft add chain inet seen in '{ type filter hook input priority 0; }'
        nft add rule inet seen in iifname fb udp dport 7001 counter
        nft add rule inet seen in iifname sb udp dport 7001 counter
        """);
    Cable.run(
        """
        ip route add 10.99.0.1 via 10.77.0.2
        ip -6 route add fd99::1 via fd77::2
        ip route add default via 10.78.0.2 table 100
        ip -6 route add default via fd78::2 table 100
        ip rule add pref 70 from 10.78.0.1 table 100
        ip -6 rule add pref 70 from fd78::1 table 100
        """);
  }

  @AfterEach
  void close() throws Exception {
    on.close();
    Cable.run("ip rule del pref 70; ip -6 rule del pref 70; ip link del sa");
    cable.close();
  }

  private static void send(String from, String to) throws Exception {
    try (DatagramSocket socket =
        new DatagramSocket(new InetSocketAddress(InetAddress.getByName(from), 0))) {
      for (int i = 0; i < 5; i++) {
        InetAddress address = InetAddress.getByName(to);
        socket.send(new DatagramPacket(new byte[8], 8, address, 7001));
      }
    }
  }

  /** How many came by the one way and by the other. */
  private String seen() throws Exception {
    StringBuilder seen = new StringBuilder();
    Matcher each = PACKETS.matcher(cable.runFar("nft list table inet seen"));
    while (each.find()) {
      seen.append(each.group(1)).append(' ');
    }
    return seen.toString().strip();
  }

  @ParameterizedTest
  @CsvSource({
    "10.77.0.1, 10.99.0.1, 5 0",
    "10.78.0.1, 10.99.0.1, 0 5",
    "fd77::1, fd99::1, 5 0",
    "fd78::1, fd99::1, 0 5"
  })
  void theyGoByTheRouteOfTheirSource(String from, String to, String ways) throws Exception {
    new NetworkDelay()
        .inject(Flags.bind("delay", NetworkDelay.Params.class, "time=20", "remote-port=7001"), on);
    send(from, to);
    Eventually.eventually("packets", () -> seen().contains("5"));
    assertEquals(ways, seen());
  }

  @Test
  void whatGoesToAnOwnAddressArrives() throws Exception {
    new NetworkDelay()
        .inject(
            Flags.bind(
                "delay",
                NetworkDelay.Params.class,
                "time=25",
                "interface=lo",
                "protocol=udp",
                "remote-port=7009"),
            on);
    for (String own : new String[] {"127.0.0.1", Cable.NEAR, "10.78.0.1", "::1", Cable.NEAR_6}) {
      try (DatagramSocket socket = new DatagramSocket(7009);
          DatagramSocket from = new DatagramSocket()) {
        socket.setSoTimeout(5_000);
        long begin = System.nanoTime();
        InetAddress address = InetAddress.getByName(own);
        from.send(new DatagramPacket(new byte[8], 8, address, 7009));
        socket.receive(new DatagramPacket(new byte[8], 8));
        assertTrue(System.nanoTime() - begin >= 25_000_000, own);
      }
    }
    assertEquals(5, on.holds.getFirst().effect().hits());
  }
}
