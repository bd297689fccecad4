package io.faultd.crash;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.Main;
import io.faultd.testing.Eventually;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.io.IOException;
import java.io.StringReader;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The daemon as a process, over its REST interface; may be killed and started again. */
final class LiveDaemon implements AutoCloseable {
  private static final String EXPERIMENTS = "/api/v1/experiments";

  private final Path base;
  private final Path data;
  private final int http;
  private final int grpc;
  private final HttpClient client = HttpClient.newHttpClient();
  private final List<String> uids = new ArrayList<>();
  private @Nullable Process process;
  private int count;

  /** How many orders came to a success. */
  int injected;

  LiveDaemon(Path base, Path data) throws IOException {
    this.base = base;
    this.data = data;
    try (ServerSocket one = new ServerSocket(0);
        ServerSocket two = new ServerSocket(0)) {
      http = one.getLocalPort();
      grpc = two.getLocalPort();
    }
  }

  /** Starts it, and waits until it has recovered: all that was in place is taken back. */
  void start() throws Exception {
    start("rollback");
  }

  /**
   * Starts it, and waits until it has recovered.
   *
   * @param recovery rollback, or resume: what was in place is put there again
   */
  void start(String recovery) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            System.getProperty("java.home") + "/bin/java",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx96m",
            "-XX:-UsePerfData",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "--data-dir",
            data.toString(),
            "--http",
            "127.0.0.1:" + http,
            "--grpc",
            "127.0.0.1:" + grpc);
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().put("FAULTD_NODE_LOCK", base.resolve("node.lock").toString());
    builder.environment().put("FAULTD_DATA_EPHEMERAL", "true");
    builder.environment().put("FAULTD_RECOVERY", recovery);
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(base.resolve("daemon.log").toFile()));
    Process started = builder.start();
    process = started;
    Eventually.eventually(
        "it is ready",
        () -> {
          assertTrue(started.isAlive(), "it ended; see daemon.log");
          return ready();
        });
  }

  private boolean ready() throws InterruptedException {
    try {
      return call("GET", "/api/v1/status?type=create&limit=1", "").statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  /** Ends it as a loss of power would. */
  void kill() throws InterruptedException {
    Process now = process;
    if (now != null) {
      now.destroyForcibly().waitFor();
    }
  }

  private HttpRequest request(String method, String path, String body) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http + path))
            .header("Content-Type", "application/json");
    return builder
        .method(
            method,
            body.isEmpty()
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  private HttpResponse<String> call(String method, String path, String body)
      throws IOException, InterruptedException {
    return client.send(request(method, path, body), HttpResponse.BodyHandlers.ofString());
  }

  private String named() {
    String uid = "random-" + ++count;
    uids.add(uid);
    return uid;
  }

  private static String body(String uid, Scenario.Job job) {
    JsonObjectBuilder flags = Json.createObjectBuilder();
    job.flags().forEach(flags::add);
    return Json.createObjectBuilder()
        .add("uid", uid)
        .add("target", job.target())
        .add("action", job.action())
        .add("flags", flags)
        .build()
        .toString();
  }

  /** Orders, and waits for the answer. */
  void order(Scenario.Job job) throws Exception {
    int status = call("POST", EXPERIMENTS, body(named(), job)).statusCode();
    assertTrue(status < 500, "status " + status + " of " + job);
    injected += status < 300 ? 1 : 0;
  }

  /** Orders, and does not wait; the uid. */
  String orderAside(Scenario.Job job) {
    String uid = named();
    var unused =
        client.sendAsync(
            request("POST", EXPERIMENTS, body(uid, job)), HttpResponse.BodyHandlers.discarding());
    return uid;
  }

  /** Orders several at once, and waits for the answers: all must be a success; the uids. */
  List<String> orderAll(List<Scenario.Job> jobs) {
    List<String> names = new ArrayList<>();
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (Scenario.Job job : jobs) {
      names.add(named());
      answers.add(
          client.sendAsync(
              request("POST", EXPERIMENTS, body(names.getLast(), job)),
              HttpResponse.BodyHandlers.ofString()));
    }
    for (int i = 0; i < jobs.size(); i++) {
      HttpResponse<String> answer = answers.get(i).join();
      assertTrue(answer.statusCode() < 300, jobs.get(i) + ": " + answer.body());
      injected++;
    }
    return names;
  }

  /** Destroys one, and waits for the answer. */
  void destroy(String uid) throws Exception {
    HttpResponse<String> answer = call("DELETE", EXPERIMENTS + "/" + uid, "");
    assertTrue(answer.statusCode() == 200, uid + ": " + answer.body());
  }

  /** Destroys one, and does not wait. */
  void destroyAside(String uid) {
    var unused =
        client.sendAsync(
            request("DELETE", EXPERIMENTS + "/" + uid, ""), HttpResponse.BodyHandlers.discarding());
  }

  /** Its status; empty if it came to no record. */
  String status(String uid) throws Exception {
    HttpResponse<String> answer = call("GET", EXPERIMENTS + "/" + uid, "");
    if (answer.statusCode() == 404) {
      return "";
    }
    try (var reader = Json.createReader(new StringReader(answer.body()))) {
      return reader.readObject().getString("status");
    }
  }

  /** Destroys one of those that were ordered; it stays known, for something may be left of it. */
  void destroyOne(Random random) throws Exception {
    if (!uids.isEmpty()) {
      call("DELETE", EXPERIMENTS + "/" + uids.get(random.nextInt(uids.size())), "");
    }
  }

  /** Destroys all, and does not wait. */
  void destroyAside() {
    var unused =
        client.sendAsync(
            request("DELETE", EXPERIMENTS, ""), HttpResponse.BodyHandlers.discarding());
  }

  /** Destroys all, one by one. */
  void destroyAll(boolean force) throws Exception {
    for (String uid : uids.reversed()) {
      call("DELETE", EXPERIMENTS + "/" + uid + "?force=" + force, "");
    }
    if (force) {
      uids.clear();
    }
  }

  /** What is in place, or could not be undone. */
  List<String> unfinished() throws Exception {
    List<String> left = new ArrayList<>();
    String body = call("GET", "/api/v1/status?type=create", "").body();
    try (var reader = Json.createReader(new StringReader(body))) {
      JsonObject answer = reader.readObject();
      assertTrue(answer.getBoolean("success"), body);
      for (JsonObject each : answer.getJsonArray("result").getValuesAs(JsonObject.class)) {
        boolean over = List.of("Error", "Destroyed").contains(each.getString("status"));
        if (!over || !each.getJsonArray("residue").isEmpty()) {
          left.add(each.toString());
        }
      }
    }
    return left;
  }

  @Override
  public void close() throws Exception {
    kill();
    client.close();
  }
}
