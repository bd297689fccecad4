package io.faultd;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.faultd.testing.Requires;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who an order names is told what becomes of it, by a whole daemon. */
@Requires("root")
class CallbacksTest {
  @TempDir private Path folder;
  private Path file;
  private HttpServer listener;
  private int port;
  private int other = 1;

  /** What came, without what was refused: path, status of the record, its uid, key. */
  private final List<Heard> heard = new CopyOnWriteArrayList<>();

  private final AtomicInteger refusals = new AtomicInteger();
  private final CountDownLatch hung = new CountDownLatch(1);
  private volatile int answer = 204;

  private record Heard(String path, String status, String uid, String key) {}

  @BeforeEach
  void listen() throws Exception {
    file = Files.writeString(folder.resolve("file"), "x");
    port = 0;
    openEar();
  }

  private void openEar() throws Exception {
    listener = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    listener.setExecutor(task -> Thread.ofVirtual().start(task));
    listener.createContext(
        "/",
        exchange -> {
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          String path = exchange.getRequestURI().toString();
          if (path.equals("/hook/deaf")) {
            await(hung);
          }
          if (path.equals("/hook/elsewhere")) {
            exchange.getResponseHeaders().add("Location", "/hook/there");
          }
          int status = path.equals("/hook/elsewhere") ? 307 : answer;
          if (status == 204) {
            JsonObject record = Json.createReader(new StringReader(body)).readObject();
            heard.add(
                new Heard(
                    path,
                    record.getString("status"),
                    record.getString("uid"),
                    exchange.getRequestHeaders().getFirst("Idempotency-Key")));
          } else {
            refusals.incrementAndGet();
          }
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    listener.start();
    port = listener.getAddress().getPort();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @AfterEach
  void close() {
    hung.countDown();
    listener.stop(0);
  }

  @Test
  void eachStatusIsToldOnceAndInOrder() throws Exception {
    try (Daemon daemon = daemon()) {
      assertEquals(201, create(daemon, "one", "/hook/a?token=1"));
      eventually("one is told", () -> statuses("one").equals(List.of("Success")));
      assertEquals(200, send(daemon, "DELETE", "/one", ""));
      eventually("one is told", () -> statuses("one").equals(List.of("Success", "Destroyed")));
      assertEquals(404, create(daemon, "two", "/hook/a", folder.resolve("none")));
      eventually("two is told", () -> statuses("two").equals(List.of("Error")));
      assertEquals("/hook/a?token=1", heard.getFirst().path());
      assertEquals(3, heard.stream().map(Heard::key).distinct().count());
    }
  }

  @Test
  void whoRefusesIsAskedAgain() throws Exception {
    answer = 503;
    try (Daemon daemon = daemon()) {
      create(daemon, "one", "/hook/a");
      eventually("a refusal", () -> refusals.get() == 1);
      answer = 204;
      eventually("one is told", () -> statuses("one").equals(List.of("Success")));
    }
  }

  @Test
  void whatNobodyHeardIsToldByTheNextDaemon() throws Exception {
    listener.stop(0);
    try (Daemon daemon = daemon()) {
      create(daemon, "one", "/hook/a");
    }
    openEar();
    try (Daemon daemon = daemon()) {
      eventually("one is told", () -> statuses("one").equals(List.of("Success", "Destroyed")));
    }
    try (Daemon daemon = daemon()) {
      assertEquals(201, create(daemon, "two", "/hook/a"));
      eventually("two is told", () -> statuses("two").equals(List.of("Success")));
      assertEquals(2, statuses("one").size(), "it is not told again");
    }
  }

  @Test
  void whatADaemonThatEndsPutsBackIsTold() throws Exception {
    try (Daemon daemon = daemon()) {
      create(daemon, "one", "/hook/a");
    }
    assertEquals(List.of("Success", "Destroyed"), statuses("one"));
  }

  @Test
  void oneThatHangsHoldsUpNobody() throws Exception {
    try (Daemon daemon = daemon()) {
      assertEquals(201, create(daemon, "deaf", "/hook/deaf"));
      assertEquals(200, send(daemon, "DELETE", "/deaf", ""));
      assertEquals(201, create(daemon, "one", "/hook/a"));
      eventually("one is told", () -> statuses("one").equals(List.of("Success")));
      assertEquals(List.of(), statuses("deaf"));
      hung.countDown();
      eventually("deaf is told", () -> statuses("deaf").equals(List.of("Success", "Destroyed")));
    }
  }

  @Test
  void aServerThatHangsHoldsUpNoneOfTheOthersHoweverMuchThereIsForIt() throws Exception {
    try (ServerSocket deaf = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      other = deaf.getLocalPort(); // the kernel takes what nobody here does
      try (Daemon daemon = daemon()) {
        for (int i = 0; i < 40; i++) { // more than are told at once
          Path mine = Files.writeString(folder.resolve("file-" + i), "x");
          String endpoint = "http://127.0.0.1:" + other + "/hook";
          assertEquals(201, order(daemon, "deaf-" + i, endpoint, mine));
        }
        long begin = System.nanoTime();
        assertEquals(201, create(daemon, "one", "/hook/a"));
        eventually("one is told", () -> statuses("one").equals(List.of("Success")));
        long millis = (System.nanoTime() - begin) / 1_000_000;
        assertTrue(millis < 5_000, "told after " + millis + " ms"); // a call may take 20 s
      }
    }
  }

  @Test
  void nobodyIsSentElsewhere() throws Exception {
    try (Daemon daemon = daemon()) {
      create(daemon, "one", "/hook/elsewhere");
      eventually("it is asked again", () -> refusals.get() > 1);
      assertEquals(List.of(), heard);
    }
  }

  @Test
  void whoIsNotAllowedIsRefused() throws Exception {
    try (Daemon daemon = daemon()) {
      assertEquals(400, create(daemon, "one", "/other"));
      assertEquals(404, send(daemon, "GET", "/one", null));
    }
  }

  private List<String> statuses(String uid) {
    return heard.stream().filter(each -> each.uid().equals(uid)).map(Heard::status).toList();
  }

  private int create(Daemon daemon, String uid, String path) throws Exception {
    return create(daemon, uid, path, file);
  }

  private int create(Daemon daemon, String uid, String path, Path what) throws Exception {
    return order(daemon, uid, "http://127.0.0.1:" + port + path, what);
  }

  private static int order(Daemon daemon, String uid, String endpoint, Path what) throws Exception {
    return send(
        daemon,
        "POST",
        "",
        Json.createObjectBuilder()
            .add("uid", uid)
            .add("target", "file")
            .add("action", "append")
            .add(
                "flags",
                Json.createObjectBuilder()
                    .add("filepath", what.toString())
                    .add("content", "y")
                    .add("endpoint", endpoint))
            .build()
            .toString());
  }

  private static int send(Daemon daemon, String method, String path, String body) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + daemon.httpPort() + "/api/v1/experiments" + path);
    HttpRequest.BodyPublisher publisher =
        body == null || body.isEmpty()
            ? HttpRequest.BodyPublishers.noBody()
            : HttpRequest.BodyPublishers.ofString(body);
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(uri)
              .header("Content-Type", "application/json")
              .method(method, publisher)
              .build();
      return client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
    }
  }

  private Daemon daemon() {
    String hooks = "http://127.0.0.1:" + port + "/hook,http://127.0.0.1:" + other + "/hook";
    return LocalDaemon.whole(folder, Map.of("callbacks.allow", hooks));
  }
}
