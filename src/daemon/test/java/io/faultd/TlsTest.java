package io.faultd;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Certificates;
import io.faultd.testing.LogLines;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both ports behind certificates, as clients see them. */
class TlsTest {
  @TempDir private static Path authorities;
  private static Certificates certificates;
  private static Certificates others;

  @TempDir private Path folder;
  private final Map<String, String> settings = new HashMap<>();
  private long user = 1000;

  @BeforeAll
  static void sign() throws Exception {
    certificates = new Certificates(authorities.resolve("ours"));
    for (String name : List.of("node", "platform", "stranger", "renewed")) {
      certificates.sign(name);
    }
    certificates.sign("late", "-startdate", "-10d", "-validity", "5");
    certificates.sign("early", "-startdate", "+5d", "-validity", "5");
    others = new Certificates(authorities.resolve("others"));
    others.sign("platform");
  }

  @BeforeEach
  void set() throws Exception {
    settings.put("server.tls.certificate", pem("node").toString());
    settings.put("server.tls.key", key("node").toString());
  }

  private Path pem(String name) throws Exception {
    return certificates.certificate(name, folder.resolve(name + ".crt"));
  }

  private Path key(String name) throws Exception {
    return certificates.key(name, folder.resolve(name + ".key"));
  }

  private Daemon daemon() {
    return LocalDaemon.quiet(new QuietParts(client -> user), settings);
  }

  private int status(Daemon daemon, SSLContext tls, @Nullable String token) throws Exception {
    return answer(daemon, tls, token).statusCode();
  }

  private static HttpResponse<String> answer(Daemon daemon, SSLContext tls, @Nullable String token)
      throws Exception {
    try (HttpClient client = HttpClient.newBuilder().sslContext(tls).build()) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(
                  URI.create("https://localhost:" + daemon.httpPort() + "/api/v1/info"))
              .timeout(Duration.ofSeconds(10));
      if (token != null) {
        request.header("Authorization", "Bearer " + token);
      }
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  /** The code of a call over gRPC, with or without a certificate. */
  private Status.Code call(Daemon daemon, @Nullable String name) throws Exception {
    TlsChannelCredentials.Builder credentials =
        TlsChannelCredentials.newBuilder().trustManager(pem("ca").toFile());
    if (name != null) {
      credentials.keyManager(pem(name).toFile(), key(name).toFile());
    }
    ManagedChannel channel =
        Grpc.newChannelBuilder("localhost:" + daemon.grpcPort(), credentials.build()).build();
    try {
      NodeServiceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(10, TimeUnit.SECONDS)
          .getInfo(GetInfoRequest.getDefaultInstance());
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void bothPortsAreEncryptedAndWantTheToken() throws Exception {
    settings.put("security.token", "t");
    settings.put("server.http.host", "0.0.0.0");
    try (Daemon daemon = daemon()) {
      assertEquals(200, status(daemon, certificates.client(), "t"));
      assertEquals(401, status(daemon, certificates.client(), null));
      assertEquals(Status.Code.UNAUTHENTICATED, call(daemon, null));
      assertThrows(SSLHandshakeException.class, () -> answer(daemon, SSLContext.getDefault(), "t"));
    }
  }

  @Test
  void withMutualTlsOnlyAKnownCertificateComesIn() throws Exception {
    settings.put("server.tls.client-ca", pem("ca").toString());
    settings.put("server.http.host", "0.0.0.0");
    settings.put("server.grpc.host", "0.0.0.0");
    try (Daemon daemon = daemon()) {
      assertEquals(200, status(daemon, certificates.client("platform"), null));
      assertThrows(IOException.class, () -> status(daemon, certificates.client(), null));
      assertEquals(Status.Code.OK, call(daemon, "platform"));
      assertEquals(Status.Code.UNAVAILABLE, call(daemon, null));
    }
  }

  @Test
  void aCertificateOfAnotherAuthorityOrOneThatIsOverOrNotYetDoesNot() throws Exception {
    settings.put("server.tls.client-ca", pem("ca").toString());
    try (Daemon daemon = daemon()) {
      for (String name : List.of("late", "early")) {
        assertThrows(IOException.class, () -> status(daemon, certificates.client(name), null));
        assertEquals(Status.Code.UNAVAILABLE, call(daemon, name));
      }
      assertThrows(
          IOException.class, () -> status(daemon, certificates.client(others, "platform"), null));
    }
  }

  @Test
  void aCertificateHasTheRoleThatItsEntrySays() throws Exception {
    settings.put("server.tls.client-ca", pem("ca").toString());
    settings.put("server.tls.client-auth", "optional");
    settings.put(
        "security.tokens-file",
        Files.writeString(
                folder.resolve("tokens.yaml"),
                """
                tokens:
                  - {name: chaos, certificate: platform, role: viewer}
                  - {name: ci, token: s3cret, role: operator}
                """)
            .toString());
    try (Daemon daemon = daemon()) {
      assertEquals(200, status(daemon, certificates.client("platform"), null));
      assertEquals(401, status(daemon, certificates.client("stranger"), null));
      assertEquals(200, status(daemon, certificates.client(), "s3cret"));
      assertEquals(401, status(daemon, certificates.client(), null));
      assertEquals(Status.Code.OK, call(daemon, "platform"));
      assertEquals(Status.Code.UNAUTHENTICATED, call(daemon, "stranger"));
    }
  }

  @Test
  void noChangeOfTheTokensFileMakesEachCertificateAnAdmin() throws Exception {
    settings.put("server.tls.client-ca", pem("ca").toString());
    Path tokens = folder.resolve("tokens.yaml");
    String token = "tokens:\n  - {name: ci, token: s3cret, role: viewer}\n";
    Files.writeString(tokens, token + "  - {name: chaos, certificate: platform, role: viewer}\n");
    settings.put("security.tokens-file", tokens.toString());
    try (Daemon daemon = daemon()) {
      assertEquals(200, status(daemon, certificates.client("platform"), null));
      Files.writeString(tokens, token);
      eventually(
          "the entry is gone", () -> status(daemon, certificates.client("platform"), null) == 401);
      assertEquals(401, status(daemon, certificates.client("stranger"), null));
      assertEquals(Status.Code.UNAUTHENTICATED, call(daemon, "platform"));
      assertEquals(200, status(daemon, certificates.client("stranger"), "s3cret"));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1000})
  void withoutTokensRootOfThisNodeNeedsNoCertificateIfNoneIsRequired(long uid) throws Exception {
    settings.put("server.tls.client-ca", pem("ca").toString());
    settings.put("server.tls.client-auth", "optional");
    user = uid;
    try (Daemon daemon = daemon()) {
      assertEquals(uid == 0 ? 200 : 401, status(daemon, certificates.client(), null));
      assertEquals(uid == 0 ? Status.Code.OK : Status.Code.UNAUTHENTICATED, call(daemon, null));
      assertEquals(200, status(daemon, certificates.client("platform"), null));
      assertEquals(Status.Code.OK, call(daemon, "platform"));
    }
  }

  @Test
  void newFilesCountWithoutAStart() throws Exception {
    settings.put("security.token", "t");
    try (Daemon daemon = daemon()) {
      assertEquals("CN=node", subject(daemon));
      Files.writeString(folder.resolve("node.crt"), "nonsense");
      Path key = folder.resolve("node.key");
      certificates.key("renewed", key);
      certificates.certificate("renewed", folder.resolve("node.crt"));
      eventually("the new one is shown", () -> subject(daemon).equals("CN=renewed"));
    }
  }

  @Test
  void aCertificateThatWasSwappedIsNotTaken() throws Exception {
    settings.put("security.token", "t");
    try (LogLines log = new LogLines(Reloading.class.getName());
        Daemon daemon = daemon()) {
      certificates.certificate("stranger", folder.resolve("node.crt")); // with the key of node
      eventually("it is refused", () -> log.have("stays in use: server.tls.key is not"));
      assertEquals("CN=node", subject(daemon));
    }
  }

  private String subject(Daemon daemon) throws Exception {
    SSLSession session = answer(daemon, certificates.client(), "t").sslSession().orElseThrow();
    return ((X509Certificate) session.getPeerCertificates()[0]).getSubjectX500Principal().getName();
  }

  @Test
  void whatDoesNotGoTogetherIsNamed() throws Exception {
    settings.put("server.tls.key", key("platform").toString());
    assertRefused("server.tls.key is not the key of server.tls.certificate");
    settings.put("server.tls.key", folder.resolve("absent").toString());
    assertRefused("absent");
    settings.put("server.tls.key", pem("node").toString());
    assertRefused("server.tls");
    settings.remove("server.tls.key");
    assertRefused("only go together");
    settings.remove("server.tls.certificate");
    settings.put("server.tls.client-ca", pem("ca").toString());
    assertRefused("server.tls.client-ca only goes with server.tls.certificate");
  }

  private void assertRefused(String part) {
    StartException refusal = assertThrows(StartException.class, this::daemon);
    assertTrue(String.valueOf(refusal.getMessage()).contains(part), refusal.toString());
  }
}
