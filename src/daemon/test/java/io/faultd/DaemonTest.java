package io.faultd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.access.Access;
import io.faultd.access.PeerLookup;
import io.faultd.dispatch.Inventory;
import io.faultd.dispatch.NodeFacts;
import io.faultd.grpc.GrpcSurface;
import io.faultd.http.Backend;
import io.faultd.spec.Specs;
import io.faultd.testing.MemoryExperiments;
import io.faultd.testing.MemoryPreparations;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class DaemonTest {
  @Test
  void livenessIsUpBeforeRecoveryAndTheRestAfterIt() throws Exception {
    Parts parts = new Parts();
    parts.open = new CountDownLatch(1);
    try (Daemon daemon = new Daemon(settings(Map.of()), parts)) {
      Thread start = Thread.ofPlatform().start(daemon::start);
      parts.opening.await();
      assertEquals(200, status(daemon, "/health/live"));
      assertEquals(503, status(daemon, "/health/ready"));
      assertEquals(503, status(daemon, "/api/v1/info"));
      parts.open.countDown();
      start.join();
      assertEquals(200, status(daemon, "/health/ready"));
      assertEquals(200, status(daemon, "/api/v1/info"));
    }
    assertTrue(parts.ended.get(), "what was open is closed");
  }

  @Test
  void itsSocketsAreClosedThoughWhatIsBehindThemDoesNotEnd() {
    Parts parts = new Parts();
    parts.ends =
        () -> {
          throw new IllegalStateException("does not end");
        };
    Daemon daemon = new Daemon(settings(Map.of()), parts);
    daemon.start();
    int port = daemon.httpPort();
    assertEquals(
        "does not end", assertThrows(IllegalStateException.class, daemon::close).getMessage());
    assertThrows(ConnectException.class, () -> new Socket("127.0.0.1", port).close());
    daemon.close(); // which a hook of the JVM does, too
  }

  @Test
  void withoutATokenOnlyLoopbackIsListenedOn() {
    for (String key : List.of("server.http.host", "server.grpc.host")) {
      StartException refusal =
          assertThrows(
              StartException.class,
              () -> new Daemon(settings(Map.of(key, "0.0.0.0")), new Parts()));
      String message = String.valueOf(refusal.getMessage());
      assertTrue(message.contains(key) && message.contains("security.token"), message);
    }
  }

  @Test
  void withATokenItIsAskedForOnAnyAddress() throws Exception {
    Settings settings = settings(Map.of("server.http.host", "0.0.0.0", "security.token", "t"));
    try (Daemon daemon = new Daemon(settings, new Parts())) {
      daemon.start();
      assertEquals(401, status(daemon, "/api/v1/info"));
      assertEquals(200, status(daemon, "/api/v1/info", "Authorization", "Bearer t"));
    }
  }

  @Test
  void aTakenPortIsNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0);
        Daemon daemon =
            new Daemon(
                settings(Map.of("server.http.port", "" + taken.getLocalPort())), new Parts())) {
      StartException refusal = assertThrows(StartException.class, daemon::start);
      String message = String.valueOf(refusal.getMessage());
      assertTrue(message.contains(":" + taken.getLocalPort()), message);
    }
  }

  private static int status(Daemon daemon, String path, String... headers) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + daemon.httpPort() + path));
      if (headers.length > 0) {
        request.headers(headers);
      }
      return client.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
    }
  }

  private static Settings settings(Map<String, String> more) {
    Map<String, String> all = new java.util.HashMap<>();
    all.put("server.http.port", "0");
    all.put("server.grpc.port", "0");
    all.putAll(more);
    return new SettingsReader(Map.of(), new Properties()).read(all, null);
  }

  /** Parts that touch nothing, and can be slow to open. */
  private static final class Parts implements Daemon.Wiring {
    private final CountDownLatch opening = new CountDownLatch(1);
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicReference<Settings> seen = new AtomicReference<>();
    private CountDownLatch open = new CountDownLatch(0);
    private Runnable ends = () -> ended.set(true);

    @Override
    public Daemon.Core open(Settings settings) throws IOException {
      seen.set(settings);
      opening.countDown();
      try {
        open.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      NodeFacts info = new NodeFacts("n", "b", "i", "1", "6", Map.of());
      Backend backend =
          new Backend(
              new MemoryExperiments(),
              new MemoryPreparations(),
              List::of,
              kind -> new Inventory.Seen(List.of(), List.of()),
              () -> info,
              (uid, since, before, limit) -> List.of(),
              Specs.Added.NONE);
      return new Daemon.Core(backend, ending -> ends.run());
    }

    @Override
    public GrpcSurface grpc(Access access, Duration patience) {
      return new QuietParts(address -> 0).grpc(access, patience);
    }

    @Override
    public PeerLookup peers() {
      return (client, server) -> Optional.of(new PeerLookup.Owner(0, 1));
    }
  }
}
