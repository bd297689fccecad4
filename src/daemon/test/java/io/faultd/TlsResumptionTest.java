package io.faultd;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.faultd.testing.Certificates;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that come again and show what they were given the last time, not their certificate. */
@Timeout(90)
class TlsResumptionTest {
  private static final String REQUEST =
      "GET /api/v1/info HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

  @TempDir private static Path authorities;
  private static Certificates certificates;
  private static Certificates others;

  @TempDir private Path folder;
  private Path authority;

  /** What came of a connection. */
  private record Visit(String answer, long session, String server) {}

  @BeforeAll
  static void sign() throws Exception {
    certificates = new Certificates(authorities.resolve("ours"));
    for (String name : new String[] {"node", "platform", "renewed"}) {
      certificates.sign(name);
    }
    others = new Certificates(authorities.resolve("others"));
    others.sign("platform");
  }

  private Daemon daemon() throws Exception {
    authority = certificates.certificate("ca", folder.resolve("clients.crt"));
    Map<String, String> settings = new HashMap<>();
    settings.put("server.http.port", "0");
    settings.put("server.grpc.port", "0");
    settings.put("server.tls.client-ca", authority.toString());
    Path own = certificates.certificate("node", folder.resolve("node.crt"));
    settings.put("server.tls.certificate", own.toString());
    settings.put("server.tls.key", certificates.key("node", folder.resolve("node.key")).toString());
    Daemon daemon =
        new Daemon(
            new SettingsReader(Map.of(), new Properties()).read(settings, null),
            new QuietParts(client -> 1000));
    daemon.start();
    return daemon;
  }

  private static Visit visit(int port, SSLContext client, String protocol) throws IOException {
    try (SSLSocket socket = (SSLSocket) client.getSocketFactory().createSocket("localhost", port)) {
      socket.setSoTimeout(10_000);
      socket.setEnabledProtocols(new String[] {protocol});
      socket.startHandshake();
      socket.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      String answer = in.readLine();
      if (answer == null) {
        throw new IOException("closed");
      }
      X509Certificate server = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      return new Visit(
          answer.substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length()),
          socket.getSession().getCreationTime(),
          server.getSubjectX500Principal().getName());
    }
  }

  private static boolean comesIn(int port, SSLContext client, String protocol) {
    try {
      visit(port, client, protocol);
      return true;
    } catch (IOException refused) {
      return false;
    }
  }

  @ParameterizedTest
  @CsvSource({"false,TLSv1.3", "false,TLSv1.2", "true,TLSv1.3", "true,TLSv1.2"})
  void whoseAuthorityIsReplacedComesInNoMoreOnEitherPort(boolean grpc, String protocol)
      throws Exception {
    try (Daemon daemon = daemon()) {
      int port = grpc ? daemon.grpcPort() : daemon.httpPort();
      SSLContext known = certificates.client("platform");
      Visit first = visit(port, known, protocol);
      assertEquals(grpc ? "404" : "200", first.answer()); // there is no REST over gRPC's
      eventually("a second is over", () -> System.currentTimeMillis() > first.session() + 1_000);
      Visit again = visit(port, known, protocol);
      assertNotEquals(first.session(), again.session(), "its certificate was not looked at");
      SSLContext stranger = certificates.client(others, "platform");
      assertThrows(IOException.class, () -> visit(port, stranger, protocol));
      others.certificate("ca", authority);
      eventually("the new authority counts", () -> comesIn(port, stranger, protocol));
      assertThrows(IOException.class, () -> visit(port, known, protocol));
      SSLContext fresh = certificates.client("platform");
      assertThrows(IOException.class, () -> visit(port, fresh, protocol));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aNewCertificateIsShownOnEitherPort(boolean grpc) throws Exception {
    try (Daemon daemon = daemon()) {
      int port = grpc ? daemon.grpcPort() : daemon.httpPort();
      SSLContext known = certificates.client("platform");
      assertEquals("CN=node", visit(port, known, "TLSv1.3").server());
      certificates.key("renewed", folder.resolve("node.key"));
      certificates.certificate("renewed", folder.resolve("node.crt"));
      eventually(
          "the new one is shown",
          () -> visit(port, known, "TLSv1.3").server().equals("CN=renewed"));
    }
  }
}
