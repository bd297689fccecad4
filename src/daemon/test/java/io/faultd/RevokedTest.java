package io.faultd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.Experiments;
import io.faultd.experiment.Order;
import io.faultd.experiment.Status;
import io.faultd.testing.Certificates;
import io.faultd.v1.ExperimentServiceGrpc;
import io.faultd.v1.WatchExperimentsRequest;
import io.faultd.v1.WatchExperimentsResponse;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.MetadataUtils;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Streams end when whoever reads them would not be let in any more. */
@Timeout(90)
class RevokedTest {
  private static final Duration SOON = Duration.ofSeconds(8);

  @TempDir private Path folder;
  private final Map<String, String> settings = new HashMap<>();
  private final QuietParts parts = new QuietParts(client -> 1000);
  private @Nullable Daemon daemon;
  private @Nullable ManagedChannel channel;
  private HttpClient client = HttpClient.newHttpClient();

  @BeforeEach
  void set() throws IOException {
    settings.put("security.tokens-file", folder.resolve("tokens.yaml").toString());
    grant("{name: ci, token: ours, role: viewer}");
  }

  @AfterEach
  void end() {
    client.shutdownNow();
    if (channel != null) {
      channel.shutdownNow();
    }
    if (daemon != null) {
      daemon.close();
    }
  }

  private void grant(String entry) throws IOException {
    String others = "  - {name: other, token: theirs, role: admin}\n";
    Files.writeString(folder.resolve("tokens.yaml"), "tokens:\n  - " + entry + "\n" + others);
  }

  private Daemon start() {
    Daemon started = LocalDaemon.quiet(parts, settings);
    daemon = started;
    parts.experiments.create(
        new Order("one", "", "file", "chmod", Map.of(), "", Map.of()),
        new Experiments.Waiting(null, () -> false, Duration.ZERO));
    return started;
  }

  private BufferedReader events(String base, @Nullable String token) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + "/api/v1/experiments/one/events"));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    HttpResponse<InputStream> answer =
        client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    assertEquals(200, answer.statusCode());
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
    String first = event(lines);
    assertTrue(first.contains("Success"), first);
    return lines;
  }

  /** The name and data of the next event; nothing at the end. */
  private static String event(BufferedReader lines) throws IOException {
    StringBuilder event = new StringBuilder();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith("event:") || line.startsWith("data:")) {
        event.append(line);
      } else if (line.isEmpty() && !event.isEmpty()) {
        break;
      }
    }
    return event.toString();
  }

  private static Iterator<WatchExperimentsResponse> watch(
      ManagedChannel channel, @Nullable String token) {
    var stub = ExperimentServiceGrpc.newBlockingStub(channel);
    if (token != null) {
      Metadata metadata = new Metadata();
      metadata.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
      stub = stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
    }
    Iterator<WatchExperimentsResponse> watch =
        stub.withDeadlineAfter(60, TimeUnit.SECONDS)
            .watchExperiments(WatchExperimentsRequest.getDefaultInstance());
    assertEquals("one", watch.next().getRecord().getUid());
    return watch;
  }

  private static void assertEnded(
      BufferedReader events, Iterator<WatchExperimentsResponse> watch, String why)
      throws IOException {
    String last = event(events);
    assertTrue(last.startsWith("event:error"), last);
    assertTrue(last.contains("\"code\":43000") && last.contains("UNAUTHENTICATED"), last);
    assertTrue(last.contains(why), last);
    assertEquals("", event(events), "nothing comes after it");
    StatusRuntimeException ended = assertThrows(StatusRuntimeException.class, watch::hasNext);
    assertEquals(io.grpc.Status.Code.UNAUTHENTICATED, ended.getStatus().getCode());
    assertTrue(String.valueOf(ended.getStatus().getDescription()).contains(why), ended.toString());
  }

  private static void assertNext(
      BufferedReader events, Iterator<WatchExperimentsResponse> watch, long seq)
      throws IOException {
    String event = event(events);
    assertTrue(event.startsWith("event:state"), event);
    assertEquals(seq, watch.next().getSeq());
  }

  @Test
  void aTokenThatIsTakenOutOfTheFileEndsItsStreamsAndNoOthers() throws Exception {
    Daemon started = start();
    String base = "http://127.0.0.1:" + started.httpPort();
    channel =
        Grpc.newChannelBuilder(
                "127.0.0.1:" + started.grpcPort(), InsecureChannelCredentials.create())
            .build();
    BufferedReader events = events(base, "ours");
    BufferedReader otherEvents = events(base, "theirs");
    Iterator<WatchExperimentsResponse> watch = watch(channel, "ours");
    Iterator<WatchExperimentsResponse> otherWatch = watch(channel, "theirs");
    grant("{name: ci, token: ours, role: operator}"); // another role may still look
    parts.experiments.move("one", Status.SUCCESS, List.of());
    assertNext(events, watch, 2);
    grant("{name: ci, token: another, role: viewer}");
    long begin = System.nanoTime();
    assertEnded(events, watch, "the token is not the right one");
    assertTrue(System.nanoTime() - begin < SOON.toNanos(), "it took too long");
    parts.experiments.move("one", Status.SUCCESS, List.of());
    assertNext(otherEvents, otherWatch, 2);
    assertNext(otherEvents, otherWatch, 3);
  }

  @Test
  void aCertificateThatIsOverEndsItsStreams() throws Exception {
    Certificates certificates = new Certificates(folder.resolve("authority"));
    certificates.sign("node");
    Path ca = certificates.certificate("ca", folder.resolve("ca.crt"));
    settings.put(
        "server.tls.certificate",
        certificates.certificate("node", folder.resolve("node.crt")).toString());
    settings.put("server.tls.key", certificates.key("node", folder.resolve("node.key")).toString());
    settings.put("server.tls.client-ca", ca.toString());
    grant("{name: chaos, certificate: brief, role: viewer}");
    Daemon started = start();
    // it is valid for a day, of which all but some seconds are over
    certificates.sign("brief", "-startdate", "-86388S", "-validity", "1");
    client = HttpClient.newBuilder().sslContext(certificates.client("brief")).build();
    channel =
        Grpc.newChannelBuilder(
                "localhost:" + started.grpcPort(),
                TlsChannelCredentials.newBuilder()
                    .trustManager(ca.toFile())
                    .keyManager(
                        certificates.certificate("brief", folder.resolve("brief.crt")).toFile(),
                        certificates.key("brief", folder.resolve("brief.key")).toFile())
                    .build())
            .build();
    String base = "https://localhost:" + started.httpPort();
    BufferedReader events = events(base, null);
    Iterator<WatchExperimentsResponse> watch = watch(channel, null);
    assertEnded(events, watch, "the certificate was valid until");
    HttpRequest more = HttpRequest.newBuilder(URI.create(base + "/api/v1/info")).build();
    // the connection is still open, and TLS does not look again
    assertEquals(401, client.send(more, HttpResponse.BodyHandlers.discarding()).statusCode());
  }
}
