package io.faultd.os.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Effect;
import io.faultd.os.RecordedInjection;
import io.faultd.testing.Cable;
import io.faultd.testing.Eventually;
import io.faultd.testing.Requires;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Packets that are lost instead of held, or not held at all, are told of. */
@Requires("root")
class UnheldPacketsTest {
  /** More than a queue takes. */
  private static final int MORE = 200_000;

  private static final int BLOCK = 10_000;

  /** Blocks of datagrams of one byte: setsockopt(SOL_UDP, UDP_SEGMENT, 1). */
  private static final String TOGETHER =
      "use Socket; socket(S, PF_INET, SOCK_DGRAM, 0) or die;"
          + " setsockopt(S, 17, 103, pack(\"i\", 1)) or die;"
          + " for (1..%d) {"
          + " send(S, \"x\" x 60, 0, sockaddr_in(7001, inet_aton(\"10.77.0.1\"))) or die }";

  private Cable cable;
  private final RecordedInjection on = new RecordedInjection();

  @BeforeEach
  void open() throws Exception {
    cable = Cable.open().echo(7001);
  }

  @AfterEach
  void close() throws Exception {
    on.close();
    Cable.run("nft delete table inet others 2>/dev/null || true");
    cable.close();
  }

  private void delay(String... flags) throws Exception {
    new NetworkDelay().inject(Flags.bind("delay", NetworkDelay.Params.class, flags), on);
  }

  private Effect effect() {
    return on.holds.getFirst().effect();
  }

  private static void send(DatagramSocket from, String address, int count) throws Exception {
    InetSocketAddress to = new InetSocketAddress(InetAddress.getByName(address), 7001);
    for (int i = 0; i < count; i++) {
      from.send(new DatagramPacket(new byte[1], 1, to));
    }
  }

  @Test
  void packetsThatOthersDropBehindAreLostAndCounted() throws Exception {
    Cable.run(
        """
        nft add table inet others
        nft add chain inet others out '{ type filter hook output priority 500; }'
        nft add rule inet others out udp dport 7001 drop
        """);
    delay("time=5", "remote-port=7001");
    assertEquals(Effect.State.SETTLED, effect().state());
    try (DatagramSocket socket = new DatagramSocket()) {
      send(socket, Cable.FAR, 3);
      Eventually.eventually("degraded", () -> effect().state() == Effect.State.DEGRADED);
      Eventually.eventually("all three", () -> effect().detail().startsWith("3 packets"));
      assertTrue(effect().detail().endsWith("(EPERM)"), effect().detail());
      Cable.run("nft delete table inet others");
      send(socket, Cable.FAR, 3);
      Eventually.eventually("settled", () -> effect().state() == Effect.State.SETTLED);
      assertTrue(effect().detail().startsWith("3 packets"), "what was lost stays told");
    }
  }

  @Test
  void packetsWhoseInterfaceIsDownAreLostAndCounted() throws Exception {
    delay("time=2s", "remote-port=7001");
    try (DatagramSocket socket = new DatagramSocket()) {
      send(socket, Cable.FAR, 2);
      Cable.run("ip link set fa down");
      Eventually.eventually(
          "told of", () -> String.valueOf(effect().detail()).contains("(ENETUNREACH)"));
    }
  }

  @Test
  void packetsThatFindTheQueueFullPassAndAreCounted() throws Exception {
    delay("time=60s", "direction=in", "local-port=7001");
    try (DatagramSocket near = new DatagramSocket(7001);
        DatagramSocket far = cable.far(DatagramSocket::new)) {
      fill(far, near);
      String detail = effect().detail();
      assertTrue(detail.matches("\\d{1,5} packets went by at once, for too many are held"), detail);
    }
  }

  /** As programs do that send much, and as interfaces do that receive much. */
  @Test
  void packetsThatCameTogetherHideNoneThatPass() throws Exception {
    delay("time=60s", "direction=in", "local-port=7001");
    try (DatagramSocket near = new DatagramSocket(7001);
        DatagramSocket far = cable.far(DatagramSocket::new)) {
      int blocks = 400;
      cable.runFar("perl -e '%s'".formatted(TOGETHER.formatted(blocks)));
      Eventually.eventually("handed over", () -> effect().hits() >= blocks);
      assertEquals(blocks, effect().hits(), "each block is one packet of the kernel's");
      fill(far, near);
    }
  }

  /** Sends until one is not held; how many the queue takes is the kernel's to say. */
  private void fill(DatagramSocket far, DatagramSocket near) throws Exception {
    int held = 0;
    do {
      assertEquals(Effect.State.SETTLED, effect().state());
      assertTrue((held += BLOCK) < MORE, "all are held");
      send(far, Cable.NEAR, BLOCK);
    } while (!received(near));
    Eventually.eventually("degraded", () -> effect().state() == Effect.State.DEGRADED);
  }

  private static boolean received(DatagramSocket near) throws Exception {
    near.setSoTimeout(1);
    try {
      near.receive(new DatagramPacket(new byte[1], 1));
      return true;
    } catch (SocketTimeoutException none) {
      return false;
    }
  }
}
