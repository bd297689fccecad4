package io.faultd.linux.net;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Victim;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SocketsTest {
  private static final int SELF = (int) ProcessHandle.current().pid();
  private final Sockets sockets = Sockets.HOST;

  @Test
  void theKernelTellsOfSocketsThatListenWithoutItsTables() throws Exception {
    try (ServerSocket wide = new ServerSocket(0);
        ServerSocket narrow = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      for (ServerSocket each : List.of(wide, narrow)) {
        int port = each.getLocalPort();
        Set<Long> inodes = Sockets.HOST.serving(List.of(port));
        assertEquals(1, inodes.size());
        assertTrue(Listener.all().contains(new Listener(port, inodes.iterator().next())));
        assertTrue(Sockets.HOST.of((int) ProcessHandle.current().pid()).containsAll(inodes));
      }
    }
  }

  @Test
  void findsTheListenerOfAPortAndWhoHasIt() throws IOException {
    for (StandardProtocolFamily family : StandardProtocolFamily.values()) {
      if (family == StandardProtocolFamily.UNIX) {
        continue;
      }
      try (ServerSocketChannel server = ServerSocketChannel.open(family)) {
        server.bind(new InetSocketAddress(loopback(family), 0));
        int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
        Set<Long> serving = sockets.serving(List.of(port));
        assertEquals(1, serving.size(), family.name());
        assertTrue(sockets.holds(SELF, serving));
        assertFalse(sockets.holds(1, serving));
      }
    }
  }

  @Test
  void findsWhoIsBoundToAUdpPort() throws IOException {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      Set<Long> serving = sockets.serving(List.of(socket.getLocalPort()));
      assertEquals(1, serving.size());
      assertTrue(sockets.holds(SELF, serving));
    }
  }

  @Test
  void doesNotTakeAClientOfAPortForItsServer() throws IOException {
    try (ServerSocketChannel server = ServerSocketChannel.open();
        SocketChannel client = connected(server)) {
      int port = ((InetSocketAddress) client.getLocalAddress()).getPort();
      assertEquals(Set.of(), sockets.serving(List.of(port)));
    }
  }

  @Test
  void tellsTheUserOfTheClientHoweverItWasConnected() throws IOException {
    for (StandardProtocolFamily family :
        List.of(StandardProtocolFamily.INET, StandardProtocolFamily.INET6)) {
      try (ServerSocketChannel server = ServerSocketChannel.open();
          SocketChannel client = SocketChannel.open(family)) {
        server.bind(new InetSocketAddress("127.0.0.1", 0));
        client.connect(server.getLocalAddress());
        Sockets.Peer peer = peer(client).orElseThrow();
        assertEquals(uid(), peer.uid());
        assertEquals(Optional.of(peer), listed(client));
        assertTrue(sockets.holds(SELF, Set.of(peer.inode())));
      }
    }
  }

  @Test
  void tellsTheUserOfAClientThatIsNotRoot() throws Exception {
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress("127.0.0.1", 0));
      int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
      String script =
          "use IO::Socket::INET; $) = $( = 65534; $> = $< = 65534;"
              + " my $s = IO::Socket::INET->new('127.0.0.1:%d'); sleep 1000".formatted(port);
      try (Victim victim = Victim.started("perl", "-e", script);
          SocketChannel accepted = server.accept()) {
        InetSocketAddress client = (InetSocketAddress) accepted.getRemoteAddress();
        Sockets.Peer peer =
            sockets.peer(client, (InetSocketAddress) accepted.getLocalAddress()).orElseThrow();
        assertEquals(65534, peer.uid());
        assertTrue(sockets.holds(victim.pid(), Set.of(peer.inode())));
      }
    }
  }

  @Test
  void aSocketThatIsClosedBelongsToNobody() throws Exception {
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      SocketChannel client = connected(server);
      InetSocketAddress from = (InetSocketAddress) client.getLocalAddress();
      InetSocketAddress to = (InetSocketAddress) client.getRemoteAddress();
      client.close();
      eventually("closed", () -> sockets.peer(from, to).isEmpty());
      assertTrue(sockets.listed(from, to).isEmpty());
      assertTrue(SocketQuery.connected(from, to).isEmpty());
      assertTrue(sockets.peer(to, new InetSocketAddress("127.0.0.1", 0)).isEmpty());
      assertTrue(
          sockets.entries(Sockets.Table.TCP).stream()
              .noneMatch(each -> each.local().equals(from) && each.inode() != 0));
    }
  }

  @Test
  void tellsTheClientFromTheServerOverIPv6() throws IOException {
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.INET6)) {
      server.bind(new InetSocketAddress("::1", 0));
      try (SocketChannel client = SocketChannel.open(server.getLocalAddress());
          SocketChannel accepted = server.accept()) {
        Sockets.Peer peer = peer(client).orElseThrow();
        assertEquals(Optional.of(peer), listed(client));
        assertEquals(Optional.of(peer), asked(client));
        assertNotEquals(peer, peer(accepted).orElseThrow());
      }
    }
  }

  private Optional<Sockets.Peer> listed(SocketChannel client) throws IOException {
    return sockets.listed(
        (InetSocketAddress) client.getLocalAddress(),
        (InetSocketAddress) client.getRemoteAddress());
  }

  private static Optional<Sockets.Peer> asked(SocketChannel client) throws IOException {
    return SocketQuery.connected(
        (InetSocketAddress) client.getLocalAddress(),
        (InetSocketAddress) client.getRemoteAddress());
  }

  private Optional<Sockets.Peer> peer(SocketChannel client) throws IOException {
    return sockets.peer(
        (InetSocketAddress) client.getLocalAddress(),
        (InetSocketAddress) client.getRemoteAddress());
  }

  private static SocketChannel connected(ServerSocketChannel server) throws IOException {
    server.bind(new InetSocketAddress("127.0.0.1", 0));
    return SocketChannel.open(server.getLocalAddress());
  }

  private static InetAddress loopback(StandardProtocolFamily family) throws IOException {
    return InetAddress.getByName(family == StandardProtocolFamily.INET ? "127.0.0.1" : "::1");
  }

  private static long uid() throws IOException {
    return ((Number)
            java.nio.file.Files.getAttribute(java.nio.file.Path.of("/proc/self"), "unix:uid"))
        .longValue();
  }
}
