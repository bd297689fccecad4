package io.faultd.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether somebody listens is known at once. */
class EndpointsTest {
  @TempDir private Path folder;

  private UnixDomainSocketAddress address;

  private Optional<String> missing() {
    return assertTimeoutPreemptively(
        Duration.ofSeconds(20), new Endpoints(List.of(address.toString()))::missing);
  }

  @Test
  void aRuntimeThatTakesNoMoreConnectionsListens() throws Exception {
    address = UnixDomainSocketAddress.of(folder.resolve("hung.sock"));
    List<SocketChannel> waiting = new ArrayList<>();
    try (ServerSocketChannel hung = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      hung.bind(address, 1);
      assertThrows(
          SocketException.class,
          () -> {
            while (true) {
              SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
              waiting.add(channel);
              channel.configureBlocking(false);
              channel.connect(address);
            }
          });
      assertEquals(Optional.empty(), missing());
    } finally {
      for (SocketChannel channel : waiting) {
        channel.close();
      }
    }
    assertTrue(missing().orElseThrow().contains("no container runtime listens at " + address));
  }
}
