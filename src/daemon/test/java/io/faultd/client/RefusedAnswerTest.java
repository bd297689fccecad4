package io.faultd.client;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.faultd.client.Node.Result;
import io.faultd.testing.Requires;
import io.faultd.testing.Victim;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code faultd run} whose later requests are refused: it never says that nothing was broken. */
@Requires("root")
class RefusedAnswerTest {
  private static final int CUT = 0;

  @TempDir Path folder;

  @Test
  void aTokenThatIsRevokedMeanwhileLeavesTheFaultAndRunSaysSo() throws Exception {
    Path tokens = tokens("first");
    try (Node node =
            new Node(folder).with("FAULTD_SECURITY_TOKENS_FILE", tokens.toString()).start();
        Victim victim = Victim.sleeping(Victim.tag())) {
      ProcessBuilder client = run(node, victim, "touch up; until [ -e end ]; do sleep 0.02; done");
      client.environment().put("FAULTD_TOKEN", "first");
      Path err = folder.resolve("client.err");
      Process running = client.redirectError(err.toFile()).start();
      eventually("the command runs", () -> Files.exists(folder.resolve("up")));
      tokens("second");
      eventually("the first is revoked", () -> status(node, "first").code() == 1);
      Files.createFile(folder.resolve("end"));
      assertEquals(123, running.waitFor(), Files.readString(err));
      assertTrue(Files.readString(err).contains("may be in place"), Files.readString(err));
      assertEquals('T', victim.state());
      String uid = status(node, "second").out().lines().skip(1).findFirst().orElseThrow();
      Result end = node.faultd(Map.of("FAULTD_TOKEN", "second"), "destroy", uid.split("\\s", 2)[0]);
      assertEquals(0, end.code(), end.err());
      assertTrue(victim.runs());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET, 429, LIMIT, 2, 0",
    "GET, 401, UNAUTHENTICATED, 2, 122",
    "GET, 503, STORE_UNAVAILABLE, 1, 0",
    "DELETE, 429, LIMIT, 2, 0",
    "DELETE, 503, STORE_UNAVAILABLE, 1, 0"
  })
  void aRefusalAfterTheCommandKeepsNothingInPlace(
      String method, int status, String reason, int times, int code) throws Exception {
    try (Node node = new Node(folder).start();
        Victim victim = Victim.sleeping(Victim.tag());
        Refusing between = new Refusing(node.port())) {
      between.refuse(method, status, reason, times);
      Result run = node.run(through(between, run(node, victim, "touch ran")));
      assertEquals(code, run.code(), run.err());
      assertTrue(Files.exists(folder.resolve("ran")));
      assertTrue(run.err().contains("the fault is taken back"), run.err());
      assertTrue(victim.runs());
    }
  }

  @ParameterizedTest
  @CsvSource({"401, UNAUTHENTICATED", "429, LIMIT", "503, STORE_UNAVAILABLE"})
  void anOrderWhoseAnswerWasLostIsTakenBackThoughItsRepetitionIsRefused(int status, String reason)
      throws Exception {
    try (Node node = new Node(folder).start();
        Victim victim = Victim.sleeping(Victim.tag());
        Refusing between = new Refusing(node.port())) {
      between.lose("POST");
      between.refuse("POST", status, reason, 1);
      Result run = node.run(through(between, run(node, victim, "touch ran")));
      assertEquals(121, run.code(), run.err());
      assertTrue(Files.notExists(folder.resolve("ran")));
      assertTrue(run.err().contains("the fault is taken back"), run.err());
      assertTrue(victim.runs());
    }
  }

  @Test
  void oneThatWasInPlaceIsNeverCalledUnbrokenBecauseItsRecordIsLost() throws Exception {
    try (Node node = new Node(folder).start();
        Victim victim = Victim.sleeping(Victim.tag());
        Refusing between = new Refusing(node.port())) {
      between.refuse("GET", 404, "UNKNOWN_UID", 1);
      between.refuse("DELETE", 404, "UNKNOWN_UID", 2);
      Result run = node.run(through(between, run(node, victim, "touch ran")));
      assertEquals(123, run.code(), run.err());
      assertTrue(run.err().contains("no record of it any more"), run.err());
      assertTrue(run.err().contains("may be in place"), run.err());
      assertEquals('T', victim.state());
      assertEquals(0, node.faultd("destroy", "--all").code());
      assertTrue(victim.runs());
    }
  }

  private Path tokens(String token) throws IOException {
    String entry = "tokens: [{name: %s, token: %s, role: admin}]".formatted(token, token);
    return Files.writeString(folder.resolve("tokens.yaml"), entry);
  }

  private static Result status(Node node, String token) {
    return node.faultd(Map.of("FAULTD_TOKEN", token), "status");
  }

  private static ProcessBuilder run(Node node, Victim victim, String command) {
    String pid = "--pid=" + victim.pid();
    return node.client("run", "process", "stop", pid, "--", "sh", "-c", command);
  }

  private static ProcessBuilder through(Refusing between, ProcessBuilder client) {
    client.environment().put("FAULTD_SERVER", between.address());
    return client;
  }

  /** Passes requests to a daemon, and answers some by itself. */
  private static final class Refusing implements AutoCloseable {
    private final Map<String, Refusal> refusals = new ConcurrentHashMap<>();
    private final HttpServer server;
    private final int daemon;

    private record Refusal(int status, String reason, int times) {}

    private Refusing(int daemon) throws IOException {
      this.daemon = daemon;
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setExecutor(Executors.newThreadPerTaskExecutor(Thread.ofVirtual().factory()));
      server.createContext("/", this::handle);
      server.start();
    }

    private String address() {
      return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void refuse(String method, int status, String reason, int times) {
      refusals.put(method, new Refusal(status, reason, times));
    }

    /** Passes the first on, and its answer not. */
    private void lose(String method) {
      refusals.put(CUT + method, new Refusal(CUT, "", 1));
    }

    private void handle(HttpExchange exchange) throws IOException {
      byte[] body = exchange.getRequestBody().readAllBytes();
      boolean lost = next(CUT + exchange.getRequestMethod()) != null;
      Refusal refusal = lost ? null : next(exchange.getRequestMethod());
      if (refusal != null) {
        String answer =
            "{\"code\":1,\"success\":false,\"error\":\"no\",\"reason\":\"%s\"}"
                .formatted(refusal.reason());
        answer(exchange, refusal.status(), answer.getBytes(StandardCharsets.UTF_8));
        return;
      }
      HttpURLConnection on = (HttpURLConnection) uri(exchange).toURL().openConnection();
      on.setRequestMethod(exchange.getRequestMethod());
      for (String name : new String[] {"Content-Type", "Accept", "Idempotency-Key"}) {
        on.setRequestProperty(name, exchange.getRequestHeaders().getFirst(name));
      }
      if (body.length > 0) {
        on.setDoOutput(true);
        on.getOutputStream().write(body);
      }
      int status = on.getResponseCode();
      byte[] answer = (status < 400 ? on.getInputStream() : on.getErrorStream()).readAllBytes();
      if (lost) {
        exchange.close();
      } else {
        answer(exchange, status, answer);
      }
    }

    private URI uri(HttpExchange exchange) {
      return URI.create("http://127.0.0.1:" + daemon + exchange.getRequestURI());
    }

    private Refusal next(String key) {
      Refusal[] taken = new Refusal[1];
      refusals.computeIfPresent(
          key,
          (same, left) -> {
            taken[0] = left;
            return left.times() == 1
                ? null
                : new Refusal(left.status(), left.reason(), left.times() - 1);
          });
      return taken[0];
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }
}
