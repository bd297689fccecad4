package io.faultd.os.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.GuardRails;
import io.faultd.fault.Aim;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.os.RecordedInjection;
import io.faultd.testing.Cable;
import io.faultd.testing.NamedProcess;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Requires("root")
class ProtectionTest {
  @TempDir Path folder;
  private Cable cable;
  private final RecordedInjection on = new RecordedInjection();

  @BeforeEach
  void open() throws Exception {
    cable = Cable.open().echo(7001);
    GuardRails rails =
        new GuardRails(Path.of("/nowhere"), List.of(), Set.copyOf(GuardRails.TRAFFIC));
    on.guard = rails::guards;
  }

  @AfterEach
  void close() throws Exception {
    on.close();
    cable.close();
  }

  private void lose(String... flags) throws IOException {
    new NetworkLoss().inject(Flags.bind("loss", NetworkLoss.Params.class, flags), on);
  }

  /** Whether the far side can connect to here, and exchange a byte. */
  private boolean reached(int port) throws IOException {
    return reached(port, Cable.NEAR) && reached(port, Cable.NEAR_6);
  }

  private boolean reached(int port, String address) throws IOException {
    return Doors.reached(cable, port, address, 0);
  }

  private boolean reached(int port, String address, int from) throws IOException {
    return Doors.reached(cable, port, address, from);
  }

  private boolean shut(int port, String address) throws IOException {
    return shut(port, address, 0);
  }

  private boolean shut(int port, String address, int from) throws IOException {
    return Doors.shut(cable, port, address, from);
  }

  @Test
  void underTotalLossTheNodeIsReachedByWhatItIsReachedBy() throws Exception {
    // ours are what this process serves; as the daemon's ports, which may be any
    ServerSocket api = new ServerSocket(7500, 5, InetAddress.getByName("::"));
    try (AutoCloseable serving = Doors.serving(api)) {
      lose("percent=100", "direction=both", "interface=fa");
      cable.estrange();
      assertFalse(cable.answers(Cable.FAR, 7001), "all else is lost");
      assertFalse(cable.answers(Cable.FAR_6, 7001), "all else is lost");
      assertTrue(reached(7500), "the daemon's own port");
    }
  }

  @Test
  void aProtectedPortIsReachedFromAPortThatIsAskedFor() throws Exception {
    ServerSocket api = new ServerSocket(7500, 5, InetAddress.getByName("::"));
    try (AutoCloseable serving = Doors.serving(api)) {
      lose("percent=100", "direction=both", "remote-port=7001,7002", "interface=fa");
      assertFalse(cable.answers(Cable.FAR, 7001), "what is asked for is lost");
      assertTrue(reached(7500, Cable.NEAR, 7001), "the daemon's own port");
      assertTrue(reached(7500, Cable.NEAR_6, 7002), "the daemon's own port");
    }
    ServerSocket other = new ServerSocket(7600, 5, InetAddress.getByName("::"));
    try (AutoCloseable serving = Doors.serving(other)) {
      assertTrue(shut(7600, Cable.NEAR, 7001), "no other port");
    }
  }

  /** Whether this side can connect to itself by lo, and exchange a byte. */
  private static boolean reachedByItself(int port, String address) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, port), 600);
      return exchanged(socket);
    } catch (SocketTimeoutException lost) {
      return false;
    }
  }

  private static boolean exchanged(Socket socket) throws IOException {
    socket.setSoTimeout(5_000);
    socket.getOutputStream().write(1);
    return socket.getInputStream().read() == 1;
  }

  @Test
  void onLoTheNodeIsReachedAtEachOfItsOwnAddresses() throws Exception {
    ServerSocket api = new ServerSocket(7500, 5, InetAddress.getByName("::"));
    try (AutoCloseable serving = Doors.serving(api);
        Socket before = new Socket(Cable.NEAR, 7500)) {
      lose("percent=100", "direction=both", "interface=lo");
      assertTrue(exchanged(before), "a connection that was there");
      for (String own : List.of(Cable.NEAR, Cable.NEAR_6, "127.0.0.1", "::1")) {
        assertTrue(reachedByItself(7500, own), "the daemon's own port at " + own);
      }
    }
    for (int port : new int[] {22, 7600}) {
      ServerSocket other = new ServerSocket(port, 5, InetAddress.getByName("::"));
      try (AutoCloseable serving = Doors.serving(other)) {
        assertEquals(port == 22, reachedByItself(port, Cable.NEAR), "port " + port);
      }
    }
  }

  @Test
  void whatHasTheDaemonsPortElsewhereIsNotSparedWithLo() throws Exception {
    InetAddress any = InetAddress.getByName("::");
    ServerSocket api = new ServerSocket(7500, 5, any);
    try (AutoCloseable serving = Doors.serving(api);
        ServerSocket elsewhere = cable.far(() -> new ServerSocket(7500, 5, any));
        Socket socket = new Socket()) {
      lose("percent=100", "interface=lo,fa");
      assertTrue(reachedByItself(7500, Cable.NEAR), "the daemon's own port");
      InetSocketAddress lost = new InetSocketAddress(Cable.FAR, elsewhere.getLocalPort());
      assertThrows(SocketTimeoutException.class, () -> socket.connect(lost, 300));
    }
  }

  @Test
  void sshTheKubeletAndTheApiServerAreReached() throws Exception {
    lose("percent=100", "direction=both", "interface=fa");
    for (int port : new int[] {22, 10_250, 6_443}) {
      // made after the injection, so that it is not a port of ours by then
      ServerSocket server = new ServerSocket(port, 5, InetAddress.getByName("::"));
      try (AutoCloseable serving = Doors.serving(server)) {
        assertTrue(reached(port), "port " + port);
      }
    }
    ServerSocket other = new ServerSocket(7600, 5, InetAddress.getByName("::"));
    try (AutoCloseable serving = Doors.serving(other)) {
      assertTrue(shut(7600, Cable.NEAR), "no other port");
    }
  }

  @Test
  void sshAtAnyPortIsReached() throws Exception {
    try (NamedProcess sshd = NamedProcess.start(folder, "sshd", 7622);
        NamedProcess other = NamedProcess.start(folder, "shop", 7623)) {
      assertTrue(reached(7622, Cable.NEAR) && reached(7623, Cable.NEAR));
      lose("percent=100", "direction=both", "interface=fa");
      assertTrue(reached(7622), "it is sshd's");
      assertTrue(shut(7623, Cable.NEAR), "it is somebody else's");
    }
  }

  @Test
  void theApiServerIsWhomTheKubeletIsConnectedTo() throws Exception {
    InetAddress any = InetAddress.getByName("::");
    try (ServerSocket managed = cable.far(() -> new ServerSocket(443, 5, any));
        ServerSocket other = cable.far(() -> new ServerSocket(444, 5, any));
        NamedProcess kubelet = NamedProcess.start(folder, "kubelet", 7625, Cable.FAR, "443");
        NamedProcess shop = NamedProcess.start(folder, "shop", 7626, Cable.FAR, "444")) {
      lose("percent=100", "direction=both");
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(Cable.FAR, managed.getLocalPort()), 5_000);
      }
      try (Socket socket = new Socket()) {
        InetSocketAddress lost = new InetSocketAddress(Cable.FAR, other.getLocalPort());
        assertThrows(SocketTimeoutException.class, () -> socket.connect(lost, 300));
      }
    }
  }

  @Test
  void metadataAndTheApiServerElsewhereAreReached() throws Exception {
    cable.runFar("ip addr add 169.254.169.254/32 dev fb");
    Cable.run("ip route add 169.254.169.254/32 dev fa");
    try (ServerSocket metadata =
            cable.far(() -> new ServerSocket(80, 5, InetAddress.getByName("169.254.169.254")));
        ServerSocket kubernetes =
            cable.far(() -> new ServerSocket(6_443, 5, InetAddress.getByName("::")))) {
      lose("percent=100", "direction=both");
      for (ServerSocket each : List.of(metadata, kubernetes)) {
        String address = each.getLocalPort() == 80 ? "169.254.169.254" : Cable.FAR;
        try (Socket socket = new Socket()) {
          socket.connect(new InetSocketAddress(address, each.getLocalPort()), 5_000);
        }
      }
      try (Socket socket = new Socket()) {
        assertThrows(
            SocketTimeoutException.class,
            () -> socket.connect(new InetSocketAddress(Cable.FAR, 80), 300));
      }
    }
  }

  @Test
  void anOrderThatAsksForNothingElseIsForbiddenUnlessItSaysSo() throws Exception {
    FaultException refused =
        assertThrows(FaultException.class, () -> lose("percent=100", "local-port=22"));
    assertEquals(Reason.FORBIDDEN, refused.reason());
    assertEquals("allow-protected", refused.field().orElse(""));
    assertTrue(refused.getMessage().contains("ssh"), refused.getMessage());
    assertThrows(
        FaultException.class,
        () ->
            new NetworkDrop()
                .inject(
                    Flags.bind(
                        "drop",
                        NetworkDrop.Params.class,
                        "destination-ip=169.254.169.254",
                        "network-traffic=out"),
                    on));
    assertEquals(List.of(), on.holds);
    on.guard =
        aim ->
            aim.kind().equals("traffic") && !aim.id().equals("ssh")
                ? Optional.of("it is protected")
                : Optional.empty();
    lose("percent=100", "local-port=22", "direction=both");
    ServerSocket server = new ServerSocket(22, 5, InetAddress.getByName("::"));
    try (AutoCloseable serving = Doors.serving(server)) {
      assertTrue(shut(22, Cable.NEAR));
    }
  }

  @Test
  void thereIsARuleForEachThatSettingsCanName() throws Exception {
    Set<String> names = new HashSet<>();
    try (ServerSocket api = new ServerSocket(0)) {
      Protection.of(on).rules().forEach(rule -> names.add(rule.name()));
      assertTrue(api.isBound());
    }
    assertEquals(Set.copyOf(GuardRails.TRAFFIC), names);
    assertEquals(
        Optional.empty(),
        new GuardRails(Path.of("/nowhere"), List.of(), Set.of("ssh"))
            .guards(new Aim("traffic", "api", "api")));
  }
}
