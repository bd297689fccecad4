package io.faultd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Eventually;
import io.faultd.testing.Launcher;
import io.faultd.v1.ExperimentServiceGrpc;
import io.faultd.v1.ListExperimentsRequest;
import io.faultd.v1.ListExperimentsResponse;
import io.faultd.v1.WatchExperimentsRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import jakarta.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The daemon with the launcher's own heap, when orders are as large as they may be. */
class HeapTest {
  private static final int LIVE = 256;
  private static final int PAST = 600;
  private static final String EXPERIMENTS = "/api/v1/experiments";

  /** As long as the flags of an order may be; one letter of it takes two bytes for each in Java. */
  private static final String CONTENT = "\u20ac" + "x".repeat(64 * 1024 - 512);

  @TempDir Path home;
  private final HttpClient client = HttpClient.newHttpClient();
  private Path launcher;
  private int http;
  private int grpc;
  private @Nullable Process process;

  @BeforeEach
  void install() throws Exception {
    launcher = Launcher.install(home);
    try (ServerSocket one = new ServerSocket(0);
        ServerSocket two = new ServerSocket(0)) {
      http = one.getLocalPort();
      grpc = two.getLocalPort();
    }
  }

  @AfterEach
  void end() throws Exception {
    kill();
    client.close();
  }

  @Test
  void asManyAsMayBeInPlaceWithAllTheFlagsTheyMayHaveAreListedResumedAndDestroyed()
      throws Exception {
    start();
    orderAll();
    assertEquals(LIVE, listed("&status=Success"));
    kill();
    addPast();
    start();
    awaitLines(2 * LIVE, "outcome=Success ");
    assertEquals(LIVE, listed("&status=Success"), this::log);
    assertEquals(LIVE + PAST, listed("&limit=10000"));
    assertListedAndWatchedOverGrpc();
    try (InputStream answer = send("DELETE", EXPERIMENTS, null)) {
      assertEquals(LIVE, count(answer, "\"action\":"));
    }
    awaitNone("&status=Success");
    for (int i = 0; i < LIVE; i++) {
      assertEquals(
          i % 2 == 1 ? "line\n" : "", Files.exists(file(i)) ? Files.readString(file(i)) : "");
    }
    assertTrue(running().isAlive(), this::log);
    assertFalse(log().contains("OutOfMemory"), this::log);
  }

  @Test
  void moreIsRefusedAndNamesTheFlag() throws Exception {
    start();
    String body = Json.createObjectBuilder(body(0, "x".repeat(900_000))).build().toString();
    for (int i = 0; i < 20; i++) {
      try (InputStream answer = send("POST", EXPERIMENTS, body)) {
        String text = new String(answer.readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(text.contains("\"code\":46000"), text);
        assertTrue(text.contains("\"field\":\"content\"") && text.contains("65536"), text);
      }
    }
    assertEquals(0, listed(""));
    assertTrue(running().isAlive(), this::log);
  }

  private void start() throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            launcher.toString(),
            "--data-dir",
            home.resolve("data").toString(),
            "--http",
            "127.0.0.1:" + http,
            "--grpc",
            "127.0.0.1:" + grpc);
    builder.environment().put("FAULTD_NODE_LOCK", home.resolve("node.lock").toString());
    builder.environment().put("FAULTD_DATA_EPHEMERAL", "true");
    builder.environment().put("FAULTD_RECOVERY", "resume");
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(home.resolve("log").toFile()));
    Process started = builder.start();
    process = started;
    Eventually.eventually(
        "it is ready",
        () -> {
          assertTrue(started.isAlive(), this::log);
          try {
            return listed("&limit=1") >= 0;
          } catch (IOException e) {
            return false;
          }
        });
  }

  private Process running() {
    return java.util.Objects.requireNonNull(process);
  }

  private void kill() throws InterruptedException {
    Process now = process;
    if (now != null) {
      now.destroyForcibly().waitFor();
    }
  }

  private String log() {
    try {
      return Files.readString(home.resolve("log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private Path file(int number) {
    return home.resolve("file-" + number);
  }

  private jakarta.json.JsonObject body(int number, String content) {
    return Json.createObjectBuilder()
        .add("target", "file")
        .add("action", number % 2 == 0 ? "add" : "append")
        .add(
            "flags",
            Json.createObjectBuilder()
                .add("filepath", file(number).toString())
                .add("content", content))
        .build();
  }

  /** Orders as many as may be in place, some at a time. */
  private void orderAll() throws Exception {
    try (ExecutorService clients = Executors.newFixedThreadPool(4)) {
      List<Future<Integer>> codes = new ArrayList<>();
      for (int i = 0; i < LIVE; i++) {
        int number = i;
        if (number % 2 == 1) {
          Files.writeString(file(number), "line\n");
        }
        HttpRequest order = request("POST", EXPERIMENTS, body(number, CONTENT).toString());
        codes.add(clients.submit(() -> client.send(order, BodyHandlers.discarding()).statusCode()));
      }
      for (Future<Integer> code : codes) {
        assertEquals(201, code.get());
      }
    }
  }

  /** Waits until a list is empty: as long as a busy machine takes. */
  private void awaitNone(String filter) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
    while (listed(filter + "&limit=1") != 0) {
      assertTrue(System.nanoTime() < deadline, this::log);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
  }

  /** Waits until the log has that many lines; a record is a success before it is resumed, too. */
  private void awaitLines(int count, String part) {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
    while (log().lines().filter(line -> line.contains(part)).count() < count) {
      assertTrue(System.nanoTime() < deadline, this::log);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
  }

  private HttpRequest request(String method, String path, @Nullable String body) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http + path))
        .header("Content-Type", "application/json")
        .method(
            method,
            body == null
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  private InputStream send(String method, String path, @Nullable String body) throws Exception {
    return client.send(request(method, path, body), BodyHandlers.ofInputStream()).body();
  }

  /** How many records a list has; -1: there is no list. */
  private int listed(String filter) throws Exception {
    var answer =
        client.send(
            request("GET", "/api/v1/status?type=create" + filter, null),
            BodyHandlers.ofInputStream());
    try (InputStream body = answer.body()) {
      int count = count(body, "\"createTime\":");
      return answer.statusCode() == 200 ? count : -1;
    }
  }

  private static int count(InputStream text, String part) throws IOException {
    int count = 0;
    int matched = 0;
    try (var reader = new BufferedReader(new InputStreamReader(text, StandardCharsets.UTF_8))) {
      for (int letter = reader.read(); letter >= 0; letter = reader.read()) {
        matched = letter == part.charAt(matched) ? matched + 1 : letter == '"' ? 1 : 0;
        if (matched == part.length()) {
          count++;
          matched = 0;
        }
      }
    }
    return count;
  }

  /** Adds records of experiments that have ended, each as large as one may be. */
  private void addPast() throws Exception {
    String rows =
        " FROM experiment, (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT "
            + PAST
            + ") SELECT i FROM n) WHERE id = 1";
    String body =
        "json_set(body, '$.uid', printf('past-%d', i), '$.status', 'DESTROYED',"
            + " '$.effect.state', 'GONE')";
    try (Connection database =
            DriverManager.getConnection("jdbc:sqlite:" + home.resolve("data/faultd.db"));
        Statement statement = database.createStatement()) {
      statement.execute(
          "INSERT INTO experiment(uid, target, action, flag, status, unfinished, print, body,"
              + " closed) SELECT printf('past-%d', i), target, action, flag, 'DESTROYED', 0, print,"
              + " "
              + body
              + ", "
              + System.currentTimeMillis()
              + rows);
      statement.execute(
          "INSERT INTO change(uid, status, body) SELECT printf('past-%d', i), 'DESTROYED', "
              + body
              + rows);
    }
  }

  private void assertListedAndWatchedOverGrpc() {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", grpc).usePlaintext().build();
    try {
      var stub = ExperimentServiceGrpc.newBlockingStub(channel);
      int records = 0;
      ListExperimentsRequest.Builder list = ListExperimentsRequest.newBuilder().setPageSize(1000);
      ListExperimentsResponse page;
      do {
        page = stub.listExperiments(list.build());
        records += page.getRecordsCount();
        list.setPageToken(page.getNextPageToken());
      } while (!page.getNextPageToken().isEmpty());
      assertEquals(LIVE + PAST, records);
      var changes =
          stub.withDeadlineAfter(60, TimeUnit.SECONDS)
              .watchExperiments(WatchExperimentsRequest.newBuilder().setAfterSeq(1).build());
      for (int i = 0; i < PAST; i++) {
        assertTrue(changes.next().getSeq() > 1);
      }
    } finally {
      channel.shutdownNow();
    }
  }
}
