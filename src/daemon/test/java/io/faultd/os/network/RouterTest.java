package io.faultd.os.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.rollback.Rollback;
import io.faultd.testing.Cable;
import io.faultd.testing.Eventually;
import io.faultd.testing.FileTrial;
import io.faultd.testing.Requires;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Queues of an interface see all that leaves by it, as it leaves: docs and warnings say so. */
@Requires("root")
class RouterTest {
  private static final String BEYOND = "10.99.0.5";

  @TempDir Path scratch;
  private Cable cable;
  private FileTrial on;

  @BeforeEach
  void open() throws Exception {
    // a namespace has what the node's had when it was made
    Cable.run("echo 0 > /proc/sys/net/ipv4/ip_forward");
    cable = Cable.open();
    on = new FileTrial(new FileTrial.Journal(new Rollback(scratch)), "trial");
  }

  @AfterEach
  void close() throws Exception {
    on.destroy(false);
    Cable.run("echo 0 > /proc/sys/net/ipv4/ip_forward");
    Cable.run("echo 0 > /proc/sys/net/ipv6/conf/all/forwarding");
    Cable.run("nft delete table ip others 2>/dev/null || true");
    cable.close();
  }

  private void limit(String... flags) throws Exception {
    new NetworkLimit().inject(Flags.bind("limit", NetworkLimit.Params.class, flags), on);
  }

  private long hits() {
    return on.holds.getFirst().effect().hits();
  }

  private static void send(DatagramSocket from, String to) throws Exception {
    try (from) {
      for (int i = 0; i < 10; i++) {
        from.send(new DatagramPacket(new byte[8], 8, InetAddress.getByName(to), 7001));
      }
    }
  }

  @Test
  void whatIsOnlyPassedOnIsHitAndWarnedOf() throws Exception {
    Cable.run("echo 1 > /proc/sys/net/ipv4/ip_forward");
    Cable.run("ip route add 10.99.0.0/24 via 10.77.0.2");
    cable.runFar("ip route add 10.99.0.0/24 via 10.77.0.1");
    limit("rate=1gbit", "protocol=udp");
    send(cable.far(DatagramSocket::new), BEYOND);
    Eventually.eventually("hits", () -> hits() == 10);
    assertEquals(1, on.warnings.size());
    String warning = on.warnings.getFirst();
    assertTrue(warning.contains("net.ipv4.ip_forward") && !warning.contains("ipv6"), warning);
  }

  @Test
  void addressesAreThoseThatItLeavesWith() throws Exception {
    Cable.run(
        """
        ip route add 10.99.0.0/24 via 10.77.0.2
        nft add table ip others
        nft add chain ip others out '{ type nat hook output priority -100; }'
        nft add rule ip others out ip daddr 10.99.0.5 dnat to 10.77.0.2
        """);
    limit("rate=1gbit", "protocol=udp", "destination-ip=10.77.0.2");
    send(new DatagramSocket(), BEYOND);
    assertEquals(10, hits());
    assertEquals(List.of(), on.warnings);
  }

  @Test
  void itIsTheTargetsNetworkThatCounts() throws Exception {
    cable.runFar("echo 1 > /proc/sys/net/ipv4/ip_forward");
    limit("rate=1gbit");
    assertEquals(List.of(), on.warnings);
    Cable.run("echo 1 > /proc/sys/net/ipv6/conf/all/forwarding");
    limit("rate=1gbit");
    assertTrue(on.warnings.getFirst().contains("net.ipv6.conf.all.forwarding"));
  }
}
