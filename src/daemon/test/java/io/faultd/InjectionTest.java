package io.faultd;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Requires;
import io.faultd.v1.CreateExperimentRequest;
import io.faultd.v1.ExperimentServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients whose text wants to be more than text: in the log, in the audit and in answers. */
@Requires("root")
@Timeout(60)
class InjectionTest {
  /** A line of our own log, behind everything that could end the line before it. */
  private static final List<String> FORGED =
      List.of("\n", "\r\n", "\u0085", "\u2028", "\u001b[2K\r", "\" outcome=Success who=\"", "\\\" ")
          .stream()
          .map(end -> end + "2026-01-01T00:00:00Z INFO Audit uid=forged who=\"root\" \u202e\"}")
          .toList();

  private static final Pattern LINE =
      Pattern.compile(
          "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z [A-Z]+ +\\w+ [^\\p{C}]+");

  /** An audit line, whole: nothing in a value can end it before its quote. */
  private static final Pattern AUDIT =
      Pattern.compile(
          "\\S+ INFO +Audit uid=[\\w.-]+ what=Q outcome=\\w+ who=Q from=Q error=Q"
              .replace("Q", "\"(?:[^\"\\\\]|\\\\.)*\""));

  @TempDir private Path home;
  private final HttpClient client = HttpClient.newHttpClient();
  private DaemonProcess daemon;

  private HttpResponse<String> send(String method, String path, String body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + daemon.http + path))
            .header("Content-Type", "application/json")
            .header("Authorization", "Bearer t")
            .method(method, BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private static JsonObject json(HttpResponse<String> answer) {
    assertTrue(answer.body().strip().lines().count() == 1, answer::body);
    return Json.createReader(new StringReader(answer.body())).readObject();
  }

  private void order(int number, String evil) throws Exception {
    Path file = Files.writeString(home.resolve("file-" + number), "x");
    JsonObject flags =
        Json.createObjectBuilder().add("filepath", file.toString()).add("content", evil).build();
    String body =
        Json.createObjectBuilder()
            .add("uid", "good-" + number)
            .add("target", "file")
            .add("action", "append")
            .add("description", evil)
            .add("labels", Json.createObjectBuilder().add(evil.replace("=", ":"), evil))
            .add("flags", flags)
            .build()
            .toString();
    HttpResponse<String> made =
        send("POST", "/api/v1/experiments", body, "Idempotency-Key", "\"}outcome=" + number);
    assertEquals(201, made.statusCode(), made::body);
    JsonObject record = json(made).getJsonObject("record");
    assertEquals(evil, record.getString("description"), "it is text, and stays what it was");
    assertTrue(Files.readString(file).contains("uid=forged"), "as ordered");
    assertEquals(200, send("DELETE", "/api/v1/experiments/good-" + number, "").statusCode());
  }

  private void refused(String evil) throws Exception {
    for (String key : List.of("uid", "scope", "target", "action", "type", evil)) {
      String body =
          Json.createObjectBuilder()
              .add("target", "file")
              .add("action", "chmod")
              .add("flags", Json.createObjectBuilder().add("filepath", evil).add(evil, evil))
              .add(key, evil)
              .build()
              .toString();
      HttpResponse<String> answer = send("POST", "/api/v1/experiments", body);
      assertTrue(answer.statusCode() >= 400 && answer.statusCode() < 500, answer::body);
      assertFalse(json(answer).getBoolean("success"));
    }
    String raw =
        "GET /api/v1/info HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x%s\r\nX: %s\r\nConnection: close\r\n\r\n"
            .formatted(evil, evil);
    try (Socket socket = new Socket("127.0.0.1", daemon.http)) {
      socket.getOutputStream().write(raw.getBytes(StandardCharsets.UTF_8));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertFalse(answer.startsWith("HTTP/1.1 200"), answer);
    }
  }

  private void refusedOverGrpc(String evil) throws Exception {
    Metadata token = new Metadata();
    token.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer t");
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", daemon.grpc).usePlaintext().build();
    try {
      ExperimentServiceGrpc.newBlockingStub(channel)
          .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(token))
          .createExperiment(
              CreateExperimentRequest.newBuilder()
                  .setTarget(evil)
                  .setAction(evil)
                  .putFlags(evil, evil)
                  .putLabels(evil.replace("=", ":"), evil)
                  .build());
      throw new AssertionError("it was taken");
    } catch (StatusRuntimeException e) {
      assertEquals(io.grpc.Status.Code.NOT_FOUND, e.getStatus().getCode(), e.toString());
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void oneEventStaysOneLine() throws Exception {
    try (DaemonProcess started = new DaemonProcess(home, Map.of("security.token", "t"))) {
      daemon = started;
      for (int i = 0; i < FORGED.size(); i++) {
        order(i, FORGED.get(i));
        refused(FORGED.get(i));
        refusedOverGrpc(FORGED.get(i));
      }
      eventually("all is in the log", () -> audit().size() >= 3 * FORGED.size());
      for (String line : daemon.lines()) {
        boolean ours = LINE.matcher(line).matches();
        assertTrue(ours || line.startsWith("WARNING: "), line); // the JDK's own, before ours
      }
      assertEquals(3 * FORGED.size(), audit().size(), "ordered, made and destroyed, each once");
      for (String line : audit()) {
        assertTrue(AUDIT.matcher(line).matches(), line);
        assertTrue(line.contains(" uid=good-"), line);
      }
      JsonArray lines = json(send("GET", "/api/v1/audit?limit=1000", "")).getJsonArray("result");
      assertEquals(3 * FORGED.size(), lines.size(), "and ordered");
      for (var each : lines) {
        assertEquals("token", each.asJsonObject().getString("who"));
      }
    } finally {
      client.close();
    }
  }

  private List<String> audit() {
    return daemon.lines().stream().filter(line -> line.matches("\\S+ INFO +Audit .*")).toList();
  }
}
