package io.faultd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Certificates;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients of a daemon behind TLS that do not speak it as they should. */
@Requires("root")
@Timeout(90)
class TlsSiegeTest {
  private static final byte[] PLAIN =
      "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  @TempDir private static Path home;
  private static Certificates certificates;
  private static DaemonProcess daemon;

  private final List<Socket> open = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    certificates = new Certificates(home.resolve("ours"));
    certificates.sign("node");
    daemon =
        new DaemonProcess(
            home,
            Map.of(
                "security.token",
                "t",
                "server.login-timeout",
                "2s",
                "server.tls.certificate",
                certificates.certificate("node", home.resolve("node.crt")).toString(),
                "server.tls.key",
                certificates.key("node", home.resolve("node.key")).toString()));
  }

  @AfterAll
  static void end() throws Exception {
    daemon.close();
  }

  @AfterEach
  void close() throws Exception {
    for (Socket each : open) {
      each.close();
    }
    // whatever came before
    try (HttpClient client = HttpClient.newBuilder().sslContext(certificates.client()).build()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("https://localhost:" + daemon.http + "/api/v1/info"))
              .header("Authorization", "Bearer t")
              .timeout(Duration.ofSeconds(10))
              .build();
      assertEquals(200, client.send(request, BodyHandlers.discarding()).statusCode());
    }
    assertTrue(daemon.lines().stream().noneMatch(line -> line.contains("OutOfMemory")));
  }

  private Socket connect(boolean grpc) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), grpc ? daemon.grpc : daemon.http);
    socket.setSoTimeout(10_000);
    open.add(socket);
    return socket;
  }

  /** Reads until the other end has had enough; what came. */
  private static byte[] rest(Socket socket) throws IOException {
    try {
      InputStream in = socket.getInputStream();
      return in.readAllBytes();
    } catch (SocketException reset) {
      return new byte[0];
    }
  }

  /** The first message of a handshake. */
  static byte[] hello() throws Exception {
    SSLEngine engine = SSLContext.getDefault().createSSLEngine("localhost", 1);
    engine.setUseClientMode(true);
    engine.beginHandshake();
    ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.wrap(ByteBuffer.allocate(0), out);
    return Arrays.copyOf(out.array(), out.position());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void plainTextIsNotAnswered(boolean grpc) throws Exception {
    Socket socket = connect(grpc);
    socket.getOutputStream().write(PLAIN);
    String answer = new String(rest(socket), StandardCharsets.ISO_8859_1);
    assertFalse(answer.contains("HTTP"), answer);
  }

  @Test
  void garbageAndEndlessRecordsEndTheirConnections() throws Exception {
    byte[] hello = hello();
    for (int i = 0; i < 40; i++) {
      byte[] wrong = hello.clone();
      wrong[5 + i % (wrong.length - 5)] ^= (byte) 0xff; // in the message, not in the record's head
      Socket socket = connect(i % 2 == 0);
      socket.getOutputStream().write(wrong);
      socket.shutdownOutput();
      rest(socket);
    }
    Socket large = connect(false);
    large.getOutputStream().write(new byte[] {22, 3, 3, (byte) 0xff, (byte) 0xff});
    assertThrows(
        SocketException.class,
        () -> {
          for (int i = 0; i < 10_000; i++) {
            large.getOutputStream().write(new byte[16_000]);
          }
        });
  }

  @Test
  void nobodyHasASecondHandshake() throws Exception {
    AtomicInteger handshakes = new AtomicInteger();
    try (SSLSocket socket =
        (SSLSocket)
            certificates.client().getSocketFactory().createSocket("localhost", daemon.http)) {
      socket.setSoTimeout(10_000);
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});
      socket.addHandshakeCompletedListener(event -> handshakes.incrementAndGet());
      socket.startHandshake();
      assertThrows(
          IOException.class,
          () -> {
            for (int i = 0; i < 3; i++) {
              socket.startHandshake();
              socket.getOutputStream().write(PLAIN);
              if (socket.getInputStream().read() < 0) {
                throw new IOException("closed");
              }
            }
          });
      assertTrue(handshakes.get() <= 1, handshakes + " handshakes");
    }
  }

  @Test
  void tlsToAPortWithoutItEndsAtOnce() throws Exception {
    Path other = java.nio.file.Files.createDirectory(home.resolve("plain"));
    try (DaemonProcess plain = new DaemonProcess(other, Map.of("security.token", "t"))) {
      for (int port : new int[] {plain.http, plain.grpc}) {
        try (SSLSocket socket =
            (SSLSocket) certificates.client().getSocketFactory().createSocket("localhost", port)) {
          socket.setSoTimeout(5_000);
          SSLException refusal = assertThrows(SSLException.class, socket::startHandshake);
          assertFalse(refusal.getCause() instanceof java.net.SocketTimeoutException);
        }
      }
    }
  }
}
