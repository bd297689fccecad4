package io.faultd;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Certificates;
import io.faultd.v1.GetInfoRequest;
import io.faultd.v1.NodeServiceGrpc;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Key, certificate and authority change while the daemon runs, on both ports. */
@Timeout(60)
class TlsReloadTest {
  @TempDir private static Path authorities;
  private static Certificates ours;
  private static Certificates others;

  @TempDir private Path folder;
  private final Map<String, String> settings = new HashMap<>();
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final List<HttpClient> clients = new ArrayList<>();

  @BeforeAll
  static void sign() throws Exception {
    ours = new Certificates(authorities.resolve("ours"));
    for (String name : List.of("node", "renewed", "platform")) {
      ours.sign(name);
    }
    others = new Certificates(authorities.resolve("others"));
    others.sign("platform");
  }

  @BeforeEach
  void set() throws Exception {
    settings.put(
        "server.tls.certificate", ours.certificate("node", folder.resolve("node.crt")).toString());
    settings.put("server.tls.key", ours.key("node", folder.resolve("node.key")).toString());
  }

  @AfterEach
  void end() {
    channels.forEach(ManagedChannel::shutdownNow);
    clients.forEach(HttpClient::shutdownNow);
  }

  private Daemon daemon() {
    return LocalDaemon.quiet(new QuietParts(client -> 1000), settings);
  }

  private HttpClient client(Certificates signed) throws Exception {
    HttpClient client = HttpClient.newBuilder().sslContext(ours.client(signed, "platform")).build();
    clients.add(client);
    return client;
  }

  private static HttpResponse<String> info(Daemon daemon, HttpClient client, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create("https://localhost:" + daemon.httpPort() + "/api/v1/info"))
            .timeout(Duration.ofSeconds(10));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private ManagedChannel channel(Daemon daemon, Certificates signed, String name) throws Exception {
    ManagedChannel channel =
        Grpc.newChannelBuilder(
                "localhost:" + daemon.grpcPort(),
                TlsChannelCredentials.newBuilder()
                    .trustManager(ours.certificate("ca", folder.resolve("trusted.crt")).toFile())
                    .keyManager(
                        signed.certificate("platform", folder.resolve(name + ".crt")).toFile(),
                        signed.key("platform", folder.resolve(name + ".key")).toFile())
                    .build())
            .build();
    channels.add(channel);
    return channel;
  }

  private static Status call(ManagedChannel channel) {
    try {
      NodeServiceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(10, TimeUnit.SECONDS)
          .getInfo(GetInfoRequest.getDefaultInstance());
      return Status.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus();
    }
  }

  @Test
  void whatAnAuthorityHasSignedIsNotLetInWhenItIsTakenOutOverNoConnection() throws Exception {
    Path authority = ours.certificate("ca", folder.resolve("ca.crt"));
    settings.put("server.tls.client-ca", authority.toString());
    settings.put(
        "security.tokens-file",
        Files.writeString(
                folder.resolve("tokens.yaml"),
                """
                tokens:
                  - {name: chaos, certificate: platform, role: viewer}
                  - {name: ci, token: s3cret, role: viewer}
                """)
            .toString());
    try (Daemon daemon = daemon()) {
      HttpClient client = client(ours);
      ManagedChannel channel = channel(daemon, ours, "before");
      assertEquals(200, info(daemon, client).statusCode());
      assertEquals(Status.Code.OK, call(channel).getCode());
      others.certificate("ca", authority);
      eventually(
          "the connection of before is let in no more",
          () -> {
            HttpResponse<String> answer = info(daemon, client);
            return answer.statusCode() == 401
                && answer.body().contains("client-ca does not vouch for the certificate");
          });
      assertEquals(
          401,
          info(daemon, client, "Authorization", "Bearer s3cret").statusCode(),
          "a token does not make up for it, as it would not for a new connection");
      eventually("nor is the call's", () -> call(channel).getCode() == Status.Code.UNAUTHENTICATED);
      assertThrows(IOException.class, () -> info(daemon, client(ours)));
      assertEquals(Status.Code.UNAVAILABLE, call(channel(daemon, ours, "after")).getCode());
      assertEquals(200, info(daemon, client(others)).statusCode());
      assertEquals(Status.Code.OK, call(channel(daemon, others, "other")).getCode());
    }
  }

  @Test
  void whatAnotherAuthorityHasSignedStaysLetInWhenOneIsAdded() throws Exception {
    Path authority = ours.certificate("ca", folder.resolve("ca.crt"));
    settings.put("server.tls.client-ca", authority.toString());
    try (Daemon daemon = daemon()) {
      HttpClient client = client(ours);
      ManagedChannel channel = channel(daemon, ours, "before");
      assertEquals(200, info(daemon, client).statusCode());
      assertEquals(Status.Code.OK, call(channel).getCode());
      String both =
          Files.readString(authority)
              + Files.readString(others.certificate("ca", folder.resolve("others.crt")));
      Files.writeString(authority, both);
      eventually(
          "the other one comes in",
          () -> {
            try {
              return info(daemon, client(others)).statusCode() == 200;
            } catch (IOException e) {
              return false;
            }
          });
      assertEquals(200, info(daemon, client).statusCode());
      assertEquals(Status.Code.OK, call(channel).getCode());
      assertEquals(Status.Code.OK, call(channel(daemon, others, "other")).getCode());
    }
  }

  @Test
  void aNewKeyAndItsCertificateAreShownOnBothPorts() throws Exception {
    settings.put("security.token", "t");
    try (Daemon daemon = daemon()) {
      for (int port : List.of(daemon.httpPort(), daemon.grpcPort())) {
        assertEquals("CN=node", subject(port));
      }
      ours.key("renewed", folder.resolve("node.key"));
      ours.certificate("renewed", folder.resolve("node.crt"));
      for (int port : List.of(daemon.httpPort(), daemon.grpcPort())) {
        eventually("the new one is shown", () -> subject(port).equals("CN=renewed"));
      }
    }
  }

  /** Whom a handshake shows: one that is whole, so that the key is that of the certificate. */
  private static String subject(int port) throws Exception {
    try (SSLSocket socket =
        (SSLSocket) ours.client().getSocketFactory().createSocket("localhost", port)) {
      socket.setSoTimeout(10_000);
      socket.startHandshake();
      SSLSession session = socket.getSession();
      assertTrue(session.isValid(), "the handshake failed");
      return ((X509Certificate) session.getPeerCertificates()[0])
          .getSubjectX500Principal()
          .getName();
    }
  }
}
