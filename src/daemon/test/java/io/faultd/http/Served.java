package io.faultd.http;

import io.faultd.access.Access;
import io.faultd.access.PeerLookup;
import io.faultd.dispatch.ActionView;
import io.faultd.dispatch.Inventory;
import io.faultd.dispatch.NodeFacts;
import io.faultd.dispatch.TargetView;
import io.faultd.experiment.AuditLine;
import io.faultd.port.Connections;
import io.faultd.spec.ActionSpec;
import io.faultd.spec.FlagSpec;
import io.faultd.spec.FlagType;
import io.faultd.spec.Specs;
import io.faultd.testing.MemoryExperiments;
import io.faultd.testing.MemoryPreparations;
import io.helidon.common.socket.SocketOptions;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The interface over real HTTP, in front of experiments that touch nothing. */
final class Served implements AutoCloseable {
  static final PeerLookup ROOT = (client, server) -> Optional.of(new PeerLookup.Owner(0, 4711));
  static final List<String> HOSTS = List.of("localhost", "127.0.0.1");

  final MemoryExperiments experiments = new MemoryExperiments();
  final MemoryPreparations preparations = new MemoryPreparations();
  final List<AuditLine> audit = new CopyOnWriteArrayList<>();
  final HttpApi api;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final WebServer server;

  Served() {
    this(Specs.Added.NONE);
  }

  Served(Specs.Added added) {
    this(new Access(null, HOSTS, ROOT), added);
  }

  Served(Access access) {
    this(access, Specs.Added.NONE);
  }

  private Served(Access access, Specs.Added added) {
    NodeFacts info = new NodeFacts("n", "b", "0123abcd", "1", "6.18", Map.of("pidfd", ""));
    Backend backend =
        new Backend(
            experiments,
            preparations,
            () -> List.of(ACTION, PLANNED),
            kind -> new Inventory.Seen(List.of(TARGET), List.of("deaf")),
            () -> info,
            (uid, since, before, limit) ->
                audit.stream().filter(line -> line.seq() < before).limit(limit).toList(),
            added);
    api = new HttpApi(access, () -> Optional.of(backend));
    WebServerConfig.Builder builder =
        WebServer.builder()
            .host("127.0.0.1")
            .shutdownHook(false)
            .shutdownGracePeriod(Duration.ofMillis(100))
            .connectionOptions(SocketOptions.builder().tcpNoDelay(true).build());
    api.observe(builder, List.of(WebServer.DEFAULT_SOCKET_NAME));
    api.addTo(builder, new Connections(Duration.ofSeconds(30)), UnaryOperator.identity());
    server = builder.build().start();
  }

  private static final TargetView TARGET =
      new TargetView(TargetView.Kind.JVM, "12", "java", Map.of("user", "0"));

  private static final ActionView ACTION =
      new ActionView(
          "host",
          new ActionSpec(
              "cpu",
              "fullload",
              List.of("host"),
              List.of("load"),
              List.of("processor"),
              "Burns.",
              "X",
              "exact",
              true,
              List.of(),
              List.of(),
              List.of(),
              "os"),
          List.of(
              new FlagSpec(
                  "cpu-percent",
                  "How much.",
                  FlagType.NUMBER,
                  false,
                  false,
                  "%",
                  0.0,
                  100.0,
                  List.of(),
                  "100",
                  List.of(),
                  List.of(),
                  List.of(),
                  "")),
          "no cpu",
          "loop",
          true);

  private static final ActionView PLANNED =
      new ActionView(
          "host",
          new ActionSpec(
              "mem",
              "load",
              List.of("host"),
              List.of(),
              List.of(),
              "Fills.",
              "",
              "exact",
              true,
              List.of(),
              List.of(),
              List.of(),
              "os"),
          List.of(),
          "not implemented in this version of faultd",
          null,
          false);

  int port() {
    return server.port();
  }

  /** Sends a request; a body goes as JSON unless the headers say otherwise. */
  HttpResponse<String> send(String method, String path, @Nullable String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
            .timeout(Duration.ofSeconds(20))
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (body != null && !List.of(headers).contains("Content-Type")) {
      request.header("Content-Type", "application/json");
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> create(String flags, String... headers)
      throws IOException, InterruptedException {
    return send(
        "POST",
        "/api/v1/experiments",
        "{\"target\":\"file\",\"action\":\"chmod\",\"flags\":" + flags + "}",
        headers);
  }

  static JsonObject json(HttpResponse<String> answer) {
    return json(answer.body());
  }

  static JsonObject json(String text) {
    return Json.createReader(new StringReader(text)).readObject();
  }

  /** Sends bytes as they are and reads until the server closes. */
  String raw(String request) throws IOException {
    return raw(request.getBytes(StandardCharsets.ISO_8859_1));
  }

  String raw(byte[] request) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port())) {
      socket.setSoTimeout(3_000);
      socket.getOutputStream().write(request);
      InputStream in = socket.getInputStream();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Override
  public void close() {
    server.stop();
    client.close();
  }
}
