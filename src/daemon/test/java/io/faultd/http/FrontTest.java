package io.faultd.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.access.Access;
import io.faultd.access.PeerLookup;
import io.faultd.experiment.Status;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrontTest {
  private static final String INFO = "/api/v1/info";

  @ParameterizedTest
  @CsvSource({"0,4711,200", "0,0,401", "1000,4711,401", "-1,-1,401", "-2,-2,401"})
  void withoutATokenOnlyALivingSocketOfRootIsLetIn(long uid, long inode, int status)
      throws Exception {
    PeerLookup peers =
        (client, server) -> {
          assertTrue(client.getAddress().isLoopbackAddress());
          assertTrue(server.getAddress().isLoopbackAddress());
          if (uid == -2) {
            throw new IOException("no table");
          }
          return uid == -1 ? Optional.empty() : Optional.of(new PeerLookup.Owner(uid, inode));
        };
    try (Served served = new Served(new Access(null, Served.HOSTS, peers))) {
      HttpResponse<String> answer = served.send("GET", INFO, null);
      assertEquals(status, answer.statusCode());
      assertEquals(status, served.send("GET", "/metrics", null).statusCode());
      assertEquals(status == 401 ? 401 : 404, served.send("GET", "/nowhere", null).statusCode());
      assertEquals(200, served.send("GET", "/health", null).statusCode());
      if (status == 401) {
        assertEquals(43000, Served.json(answer).getInt("code"));
        assertEquals("Bearer", answer.headers().firstValue("WWW-Authenticate").orElse(""));
        assertEquals(401, served.create("{}").statusCode());
        assertEquals(0, served.experiments.lastChange());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Bearer secret,200",
    "bearer secret,200",
    "Bearer  secret ,200",
    "Bearer secre,401",
    "Bearer secrett,401",
    "Basic secret,401",
    "secret,401",
    "Bearer,401",
  })
  void withATokenOnlyTheTokenIsLetIn(String header, int status) throws Exception {
    Access access = new Access("secret", List.of(), (client, server) -> Optional.empty());
    try (Served served = new Served(access)) {
      assertEquals(status, served.send("GET", INFO, null, "Authorization", header).statusCode());
      assertEquals(401, served.send("GET", INFO, null).statusCode());
      for (String path : List.of("", "/live", "/ready", "/started", "/ready/recovery")) {
        assertEquals(200, served.send("GET", "/health" + path, null).statusCode(), path);
      }
      assertEquals(404, served.send("GET", "/health/nothing", null).statusCode());
      for (String path : List.of("/", "/../api/v1/info", "/live/../../metrics", "/live;x", "x")) {
        String answer =
            served.raw("GET /health" + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 401"), answer);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "localhost,200",
    "LOCALHOST,200",
    "localhost:1,200",
    "127.0.0.1:9000,200",
    "evil.example,421",
    "localhost.evil.example,421",
    "127.0.0.1.evil.example:9000,421",
    "[::1]:9000,421",
  })
  void anotherHostIsMisdirected(String host, int status) throws Exception {
    try (Served served = new Served()) {
      String request = "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n";
      String answer = served.raw(request.formatted(INFO, host));
      assertTrue(answer.startsWith("HTTP/1.1 " + status), answer);
      String health = served.raw(request.formatted("/health", host));
      assertTrue(health.startsWith("HTTP/1.1 200"), health);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x"
      })
  void aPageOfAnotherOriginReadsNothingAndChangesNothing(String type) throws Exception {
    try (Served served = new Served()) {
      String[] page = {"Origin", "https://evil.example", "Content-Type", type};
      String order = "{\"target\": \"cpu\", \"action\": \"fullload\"}";
      for (String path : List.of("/api/v1/experiments", "/api/v1/preparations")) {
        HttpResponse<String> simple = served.send("POST", path, order, page);
        assertEquals(415, simple.statusCode(), simple.body());
        withoutConsent(simple);
        HttpResponse<String> preflight =
            served.send(
                "OPTIONS",
                path,
                null,
                "Origin",
                "https://evil.example",
                "Access-Control-Request-Method",
                "DELETE",
                "Access-Control-Request-Headers",
                "content-type");
        assertTrue(preflight.statusCode() >= 400, "refused: " + preflight.statusCode());
        withoutConsent(preflight);
      }
      withoutConsent(served.send("GET", INFO, null, "Origin", "https://evil.example"));
      assertEquals(0, served.experiments.lastChange());
    }
  }

  private static void withoutConsent(HttpResponse<String> answer) {
    assertEquals(
        List.of(),
        answer.headers().map().keySet().stream()
            .filter(name -> name.toLowerCase(Locale.ROOT).startsWith("access-control-"))
            .toList());
  }

  @Test
  void untilReadyOnlyHealthAnswers() throws Exception {
    try (Served served = new Served()) {
      served.experiments.ready = false;
      HttpResponse<String> answer = served.send("GET", INFO, null);
      assertEquals(503, answer.statusCode());
      assertEquals("1", answer.headers().firstValue("Retry-After").orElse(""));
      assertEquals(67001, Served.json(answer).getInt("code"));
      assertEquals(503, served.create("{}").statusCode());
      assertEquals(503, served.send("GET", "/metrics", null).statusCode());
      assertEquals(200, served.send("GET", "/health/live", null).statusCode());
      assertEquals(503, served.send("GET", "/health/ready", null).statusCode());
      served.experiments.ready = true;
      assertEquals(200, served.send("GET", "/health/ready", null).statusCode());
      assertEquals(200, served.send("GET", INFO, null).statusCode());
    }
  }

  @Test
  void metricsAreServedAsText() throws Exception {
    try (Served served = new Served()) {
      HttpResponse<String> answer = served.send("GET", "/metrics", null);
      assertEquals(200, answer.statusCode());
      assertTrue(answer.body().contains("# TYPE"), answer.body());
    }
  }

  @Test
  void whatExperimentsDoIsInTheMetricsUntilTheyEnd() throws Exception {
    try (Served served = new Served()) {
      String order = "{\"target\": \"cpu\", \"action\": \"fullload\", \"uid\": \"metered\"}";
      assertEquals(201, served.send("POST", "/api/v1/experiments", order).statusCode());
      String metrics = served.send("GET", "/metrics", null).body();
      assertEquals(49.5, metered(metrics, "achieved"), metrics);
      assertEquals(50, metered(metrics, "asked"), metrics);
      assertEquals(-1, metered(metrics, "hits"), "nobody counted");
      served.experiments.move("metered", Status.DESTROYED, List.of());
      metrics = served.send("GET", "/metrics", null).body();
      assertFalse(metrics.contains("uid=\"metered\""), metrics);
    }
  }

  /** The value of a gauge of the experiment; -1 if there is none. */
  private static double metered(String metrics, String name) {
    return metrics
        .lines()
        .filter(line -> line.startsWith("faultd_experiment_" + name + "{"))
        .filter(line -> line.contains("uid=\"metered\"") && line.contains("action=\"fullload\""))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .findFirst()
        .orElse(-1);
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void aBodyOverAMebibyteIs413AndItsClientSeesIt(HttpClient.Version version) throws Exception {
    try (Served served = new Served();
        HttpClient client = HttpClient.newBuilder().version(version).build()) {
      for (int size : new int[] {(1 << 20) + 1, 3 << 20, 7 << 20}) {
        for (boolean chunked : new boolean[] {false, true}) {
          byte[] body = "x".repeat(size).getBytes(StandardCharsets.UTF_8);
          HttpRequest.BodyPublisher publisher =
              chunked
                  ? HttpRequest.BodyPublishers.ofInputStream(
                      () -> new java.io.ByteArrayInputStream(body))
                  : HttpRequest.BodyPublishers.ofByteArray(body);
          HttpRequest request =
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + served.port() + "/api/v1/experiments"))
                  .header("Content-Type", "application/json")
                  .POST(publisher)
                  .build();
          HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
          assertEquals(413, answer.statusCode(), version + " " + size + " " + chunked);
          assertEquals(48000, Served.json(answer).getInt("code"));
        }
      }
      // the connection, or a new one, still serves
      assertEquals(200, served.send("GET", INFO, null).statusCode());
    }
  }

  @Test
  void aBodyOfAMebibyteIsRead() throws Exception {
    try (Served served = new Served()) {
      String text = "x".repeat((1 << 20) - 200);
      String body = "{\"target\":\"a\",\"action\":\"b\",\"description\":\"" + text + "\"}";
      assertEquals(201, served.send("POST", "/api/v1/experiments", body).statusCode());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a:b", "mailto:x", "x:/", "*", "?", ""})
  void refusesATargetThatIsNoPath(String target) throws Exception {
    String request = "DELETE %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    try (Served served = new Served()) {
      String answer = served.raw(request.formatted(target));
      assertTrue(answer.startsWith("HTTP/1.1 40"), answer);
    }
  }

  @Test
  void whatFollowsTheDroppedPartOfABodyIsNeverARequest() throws Exception {
    try (Served served = new Served()) {
      served.create("{}");
      ByteArrayOutputStream request = new ByteArrayOutputStream();
      String hidden = "\r\n\r\nDELETE /api/v1/experiments HTTP/1.1\r\nHost: localhost\r\n\r\n";
      byte[] filler = hidden.repeat(200_000).getBytes(StandardCharsets.UTF_8);
      request.writeBytes(
          ("POST /api/v1/experiments HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                  + filler.length
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.UTF_8));
      request.writeBytes(filler);
      try {
        served.raw(request.toByteArray());
      } catch (IOException reset) {
        // beyond 8 MiB the server may end the connection in the middle
        assertTrue(filler.length > 8 << 20);
      }
      assertEquals(1, served.experiments.lastChange(), "the hidden request was not served");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"evil.example", "localhost"})
  void aRefusedRequestThatExpectsToContinueIsAnsweredAtOnce(String host) throws Exception {
    Access nobody = new Access("secret", List.of("localhost"), Served.ROOT);
    try (Served served = new Served(nobody)) {
      String answer =
          served.raw(
              "POST /api/v1/experiments HTTP/1.1\r\nHost: "
                  + host
                  + "\r\nExpect: 100-continue\r\nContent-Length: 500\r\n\r\n");
      assertTrue(answer.startsWith("HTTP/1.1 401"), answer);
    }
  }

  @Test
  void http2IsServedByPriorKnowledge() throws Exception {
    try (Served served = new Served()) {
      Process curl =
          new ProcessBuilder(
                  "curl",
                  "-s",
                  "--http2-prior-knowledge",
                  "-w",
                  " %{http_version}",
                  "http://127.0.0.1:" + served.port() + INFO)
              .start();
      String out = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, curl.waitFor());
      assertTrue(out.startsWith("{\"node\"") && out.endsWith(" 2"), out);
    }
  }

  @Test
  void anIpv6AddressIsAHostName() {
    Access access = new Access(null, List.of("[::1]", "localhost"), Served.ROOT);
    assertTrue(access.addressed("[::1]", null));
    assertTrue(access.addressed("[::1]:9000", null));
    assertFalse(access.addressed("[::2]:9000", null));
    assertFalse(access.addressed(null, null));
    assertFalse(access.addressed("", null));
  }
}
