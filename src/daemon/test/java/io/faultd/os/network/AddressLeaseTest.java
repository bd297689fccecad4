package io.faultd.os.network;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.GuardRails;
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
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What gives a node its address goes on while all else is lost, or waits for minutes. */
@Requires("root")
class AddressLeaseTest {
  private static final String ALL_SERVERS = "ff02::1:2";

  @TempDir Path folder;
  private Cable cable;
  private Process server;
  private Process client;
  private FileTrial on;

  @BeforeEach
  void open() throws Exception {
    cable = Cable.open().echo(7001);
    on = new FileTrial(new FileTrial.Journal(new Rollback(folder)), "trial");
    protect(Set.copyOf(GuardRails.TRAFFIC));
    Path leases = Files.createFile(folder.resolve("leases"));
    Path settings =
        Files.writeString(
            folder.resolve("settings"),
            """
            start 10.77.0.100
            end 10.77.0.110
            interface fb
            lease_file %s
            option subnet 255.255.255.0
            option lease 600
            """
                .formatted(leases));
    server =
        started(
            "nsenter", "--net=" + cable.network(), "busybox", "udhcpd", "-f", settings.toString());
  }

  @AfterEach
  void close() throws Exception {
    for (Process each : new Process[] {client, server}) {
      if (each != null) {
        each.destroyForcibly().waitFor();
      }
    }
    on.holds.forEach(Hold::close);
    on.destroy(false);
    cable.close();
  }

  private void protect(Set<String> traffic) {
    GuardRails rails = new GuardRails(Path.of("/nowhere"), List.of(), traffic);
    on.guard = rails::guards;
  }

  private void lose(String... more) throws IOException {
    List<String> all = new ArrayList<>(List.of("percent=100", "direction=both", "interface=fa"));
    all.addAll(List.of(more));
    String[] flags = all.toArray(String[]::new);
    new NetworkLoss().inject(Flags.bind("loss", NetworkLoss.Params.class, flags), on);
  }

  private Process started(String... command) throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log").toFile())
        .start();
  }

  /** The first address is asked for by packet(7), to be renewed by udp(7). */
  private void lease() throws Exception {
    Path script =
        Files.writeString(
            folder.resolve("script"),
            """
            #!/bin/sh
            [ "$1" = bound ] && ip addr add $ip/24 dev $interface
            echo "$1" >> %s
            """
                .formatted(events()));
    assertTrue(script.toFile().setExecutable(true));
    client =
        started(
            "busybox", "udhcpc", "-f", "-i", "fa", "-t", "20", "-T", "1", "-s", script.toString());
  }

  private Path events() {
    return folder.resolve("events");
  }

  private boolean told(String event) throws IOException {
    return Files.exists(events()) && Files.readAllLines(events()).contains(event);
  }

  private void renew() throws Exception {
    Cable.run("kill -USR1 " + client.pid());
  }

  @Test
  void underTotalLossAnAddressIsLeasedAndRenewed() throws Exception {
    lose();
    assertFalse(cable.answers(Cable.FAR, 7001), "all else is lost");
    lease();
    eventually("an address", () -> told("bound"));
    renew();
    eventually("the same for longer", () -> told("renew"));
  }

  @Test
  void whereItIsNotProtectedItIsLost() throws Exception {
    lease();
    eventually("an address", () -> told("bound"));
    protect(Set.of("api", "ssh"));
    lose("protocol=udp", "remote-port=67"); // so that nothing else is
    long hits = on.holds.getFirst().effect().hits();
    renew();
    // what is lost is asked for once more after minutes
    eventually("it was lost", () -> on.holds.getFirst().effect().hits() > hits);
    assertFalse(told("renew"));
  }

  @Test
  void behindAQueueThatIsFullAnAddressIsLeasedAndRenewed() throws Exception {
    String[] flags = {"rate=8kbit", "interface=fa"};
    new NetworkLimit().inject(Flags.bind("limit", NetworkLimit.Params.class, flags), on);
    try (DatagramSocket socket = new DatagramSocket()) {
      // as much as goes in a minute
      InetSocketAddress far = new InetSocketAddress(Cable.FAR, 7001);
      for (int i = 0; i < 60; i++) {
        socket.send(new DatagramPacket(new byte[1_000], 1_000, far));
      }
    }
    assertFalse(cable.answers(Cable.FAR, 7001), "all else waits");
    lease();
    eventually("an address", () -> told("bound"));
    renew();
    eventually("the same for longer", () -> told("renew"));
  }

  @Test
  void underTotalLossAServerOfIpv6IsAskedAndAnswers() throws Exception {
    InetAddress group = InetAddress.getByName(ALL_SERVERS);
    try (MulticastSocket there =
            cable.far(() -> {
              MulticastSocket made = new MulticastSocket(547);
              made.joinGroup(new InetSocketAddress(group, 0), NetworkInterface.getByName("fb"));
              made.setSoTimeout(10_000);
              return made;
            });
        DatagramSocket here = new DatagramSocket(new InetSocketAddress("::", 546));
        DatagramSocket other = new DatagramSocket(new InetSocketAddress("::", 545))) {
      eventually("an address of the link, which clients ask from", AddressLeaseTest::linked);
      lose();
      InetAddress servers = InetAddress.getByName(ALL_SERVERS + "%fa");
      DatagramPacket received = new DatagramPacket(new byte[16], 16);
      eventually("a way to them", () -> sent(other, new byte[] {3}, servers));
      here.send(new DatagramPacket(new byte[] {1}, 1, servers, 547));
      there.receive(received);
      assertEquals(1, received.getData()[0], "what is sent from another port is lost");
      InetAddress client = received.getAddress();
      there.send(new DatagramPacket(new byte[] {2}, 1, received.getSocketAddress()));
      here.setSoTimeout(10_000);
      here.receive(received);
      assertEquals(2, received.getData()[0]);
      there.send(new DatagramPacket(new byte[] {2}, 1, client, other.getLocalPort()));
      other.setSoTimeout(300);
      assertThrows(SocketTimeoutException.class, () -> other.receive(received));
    }
  }

  /** Whether the link's own address is no longer tried out, see proc_net(5): scope 20, flag 40. */
  private static boolean linked() throws IOException {
    return Files.readAllLines(Path.of("/proc/thread-self/net/if_inet6")).stream()
        .map(line -> line.strip().split(" +", -1))
        .filter(each -> each[5].equals("fa") && each[3].equals("20"))
        .anyMatch(each -> (Integer.parseInt(each[4], 16) & 0x40) == 0);
  }

  private static boolean sent(DatagramSocket from, byte[] bytes, InetAddress to)
      throws IOException {
    try {
      from.send(new DatagramPacket(bytes, bytes.length, to, 547));
      return true;
    } catch (SocketException unreachable) {
      return false; // the kernel is a moment behind with its routes
    }
  }
}
