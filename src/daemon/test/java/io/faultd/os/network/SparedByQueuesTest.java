package io.faultd.os.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.GuardRails;
import io.faultd.rollback.Rollback;
import io.faultd.testing.Cable;
import io.faultd.testing.FileTrial;
import io.faultd.testing.Requires;
import io.faultd.testing.Traffic;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is protected does not wait behind what is limited; and queues for several processors. */
@Requires("root")
class SparedByQueuesTest {
  @TempDir Path scratch;
  private Cable cable;
  private FileTrial on;

  @BeforeEach
  void open() throws Exception {
    cable = Cable.open();
    on = new FileTrial(new FileTrial.Journal(new Rollback(scratch)), "trial");
    on.guard =
        new GuardRails(Path.of("/nowhere"), List.of(), Set.copyOf(GuardRails.TRAFFIC))::guards;
  }

  @AfterEach
  void close() throws Exception {
    on.destroy(false);
    cable.close();
    Cable.run("ip link del qa 2>/dev/null || true");
  }

  private void limit(String... flags) throws Exception {
    new NetworkLimit().inject(Flags.bind("limit", NetworkLimit.Params.class, flags), on);
  }

  /** More than goes out in half a minute, and less than a socket may have under way. */
  private static void crowd() throws Exception {
    try (DatagramSocket socket = new DatagramSocket()) {
      for (String address : new String[] {Cable.FAR, Cable.FAR_6}) {
        InetAddress far = InetAddress.getByName(address);
        for (int i = 0; i < 20; i++) {
          socket.send(new DatagramPacket(new byte[1_000], 1_000, far, 9));
        }
      }
    }
  }

  private void quick(int port) throws Exception {
    for (String address : new String[] {Cable.NEAR, Cable.NEAR_6}) {
      long begin = System.nanoTime();
      assertTrue(Doors.reached(cable, port, address, 0), "port " + port + " of " + address);
      double millis = (System.nanoTime() - begin) / 1e6;
      assertTrue(millis < 5_000, "port %d of %s: %.0f ms".formatted(port, address, millis));
    }
  }

  @Test
  void theDaemonSshAndNeighboursDoNotWaitBehindWhatIsLimited() throws Exception {
    ServerSocket api = new ServerSocket(7500, 5, InetAddress.getByName("::"));
    try (AutoCloseable serving = Doors.serving(api)) {
      limit("rate=8kbit", "interface=fa");
      crowd();
      quick(7500);
      cable.estrange(); // so that ARP and neighbour discovery have to be quick, too
      quick(7500);
    }
    ServerSocket ssh = new ServerSocket(22, 5, InetAddress.getByName("::"));
    try (AutoCloseable serving = Doors.serving(ssh)) {
      quick(22);
    }
    ServerSocket other = new ServerSocket(7600, 5, InetAddress.getByName("::"));
    try (AutoCloseable serving = Doors.serving(other)) {
      assertTrue(Doors.shut(cable, 7600, Cable.NEAR, 0), "no other port");
      assertTrue(Doors.shut(cable, 7600, Cable.NEAR_6, 0), "no other port");
    }
  }

  @Test
  void whoReachesTheDaemonByLoDoesNotWaitBehindWhatIsLimitedThere() throws Exception {
    ServerSocket api = new ServerSocket(7500, 5, InetAddress.getByName("::"));
    try (AutoCloseable serving = Doors.serving(api)) {
      limit("rate=8kbit", "interface=lo,fa");
      for (String own : new String[] {Cable.NEAR, Cable.NEAR_6}) {
        try (DatagramSocket crowd = new DatagramSocket();
            Socket socket = new Socket()) {
          for (int i = 0; i < 20; i++) {
            crowd.send(new DatagramPacket(new byte[1_000], 1_000, InetAddress.getByName(own), 9));
          }
          socket.connect(new InetSocketAddress(own, 7500), 5_000);
          socket.setSoTimeout(5_000);
          socket.getOutputStream().write(1);
          assertEquals(1, socket.getInputStream().read(), own);
        }
      }
    }
  }

  @Test
  void queuesForSeveralProcessorsComeBack() throws Exception {
    Cable.run("ip link add qa numtxqueues 4 numrxqueues 4 type veth peer name qb");
    Cable.run("ip link set qa up; ip link set qb up");
    for (String earlier :
        List.of(
            "true", // none at all, as veth has
            "tc qdisc replace dev qa root mq",
            "tc qdisc replace dev qa root handle 1: mq",
            "tc qdisc replace dev qa parent 1:2 handle 20: pfifo limit 77",
            "tc qdisc replace dev qa parent 1:4 handle 40: fq_codel limit 500 2>/dev/null ||"
                + " true")) {
      Cable.run(earlier);
      String before = Traffic.listing("qa");
      limit("rate=1mbit", "interface=qa");
      assertTrue(Traffic.listing("qa").startsWith("qdisc htb fa17: root"));
      on.destroy(false);
      assertEquals(before, Traffic.listing("qa"), earlier);
    }
  }
}
