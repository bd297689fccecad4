package io.faultd;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.faultd.v1.GetInfoRequest;
import io.faultd.v1.NodeServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A daemon with a token, and who attacks it. */
abstract class Besieged {
  static final String HEALTH = "/grpc.health.v1.Health/Check";
  static final int MEBIBYTE = 1 << 20;

  final List<Hostile> open = new ArrayList<>();
  final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  QuietParts parts;
  Daemon daemon;

  @BeforeEach
  void start() {
    start(Map.of());
  }

  final void start(Map<String, String> more) {
    Map<String, String> settings = new HashMap<>(more);
    settings.put("security.token", "t");
    settings.putIfAbsent("server.login-timeout", "5s");
    parts = new QuietParts(client -> client.equals(Hostile.ADDRESS) ? 1000 : 1001);
    daemon = LocalDaemon.quiet(parts, settings);
  }

  @AfterEach
  void end() throws Exception {
    for (Hostile each : open) {
      each.close();
    }
    client.close();
    daemon.close();
  }

  final int port(boolean grpc) {
    return grpc ? daemon.grpcPort() : daemon.httpPort();
  }

  final Hostile keep(Hostile hostile) {
    open.add(hostile);
    return hostile;
  }

  /** Who has the token is served, on new connections. */
  final void assertServed() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port(false) + "/api/v1/info"))
            .header("Authorization", "Bearer t")
            .timeout(Duration.ofSeconds(5))
            .build();
    assertEquals(
        200, client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode(), "REST");
    Metadata token = new Metadata();
    token.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer t");
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port(true)).usePlaintext().build();
    try {
      NodeServiceGrpc.newBlockingStub(channel)
          .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(token))
          .withDeadlineAfter(5, TimeUnit.SECONDS)
          .getInfo(GetInfoRequest.getDefaultInstance());
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  /** Bytes of what is reachable. */
  static long held() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  static void assertHeld(long before, int mostMebibytes) throws Exception {
    eventually(
        "no more than " + mostMebibytes + " MiB are held",
        () -> held() - before < (long) mostMebibytes * MEBIBYTE);
  }
}
