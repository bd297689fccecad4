package io.faultd;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Requires;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records, keys, filters and pages of a whole daemon, also of the one that comes after it. */
@Requires("root")
class VocabularyTest {
  @TempDir private Path folder;
  private final HttpClient client = HttpClient.newHttpClient();
  private Path file;
  private Daemon daemon;

  @BeforeEach
  void start() throws Exception {
    file = Files.writeString(folder.resolve("a file"), "x");
    daemon = LocalDaemon.whole(folder, Map.of());
  }

  @AfterEach
  void end() {
    daemon.close();
    client.close();
  }

  private void restart() {
    daemon.close();
    daemon = LocalDaemon.whole(folder, Map.of());
  }

  @Test
  void aKeyReplaysTheFirstAnswerAfterARestartUnderBothNames() throws Exception {
    HttpResponse<String> first = append("keyed", "y", "Idempotency-Key", "k");
    assertEquals(201, first.statusCode(), first.body());
    restart();
    HttpResponse<String> again = append("keyed", "y", "X-Idempotency-Token", "k");
    assertEquals(201, again.statusCode(), again.body());
    assertEquals(json(first).get("response"), json(again).get("response"));
    // the first daemon has taken it back; the key makes nothing anew
    assertEquals("Destroyed", json(again).getJsonObject("record").getString("status"));
    assertEquals("x", Files.readString(file));
    HttpResponse<String> other = append("other", "z", "Idempotency-Key", "k");
    assertEquals(409, other.statusCode(), other.body());
  }

  @Test
  void recordsHaveUpstreamsWords() throws Exception {
    append("one", "a b");
    JsonObject record = json(send("GET", "/experiments/one", null));
    assertEquals("file", record.getString("command"));
    assertEquals("append", record.getString("subCommand"));
    String path = file.toString().replace(" ", "@@##");
    assertEquals(" --content=a@@##b --filepath=" + path, record.getString("flag"));
    assertEquals("Success", record.getString("status"));
    assertEquals("host", record.getString("scope"));
    assertTrue(record.getString("createTime").endsWith("Z"));
  }

  @Test
  void asyncIsAnsweredAtOnceAndTheRecordTellsTheRest() throws Exception {
    HttpResponse<String> answer =
        send(
            "POST",
            "/experiments",
            order("later", "y").replace("\"flags\":{", "\"flags\":{\"async\":true,"));
    assertEquals(202, answer.statusCode(), answer.body());
    assertEquals("/api/v1/experiments/later", answer.headers().firstValue("Location").orElse(""));
    eventually(
        "it is in place",
        () -> json(send("GET", "/experiments/later", null)).getString("status").equals("Success"));
    assertEquals("xy\n", Files.readString(file));
  }

  @Test
  void filtersAndPagesFindWhatTheyShould() throws Exception {
    append("one", "a");
    send("DELETE", "/experiments/one", null);
    append("two", "b c");
    send("POST", "/experiments", order("two", "b c"));
    assertEquals(List.of("two", "one"), uids("type=create"));
    assertEquals(List.of("two", "one"), uids("type=d"), "both words mean all");
    assertEquals(List.of("one", "two"), uids("type=c&asc=true"));
    assertEquals(List.of("one"), uids("type=c&limit=1,1"));
    assertEquals(List.of("two"), uids("type=c&status=SUCCESS"));
    assertEquals(List.of("one"), uids("type=c&status=destroyed"));
    assertEquals(List.of("two"), uids("type=c&flag-filter=b@@%23%23c"));
    assertEquals(List.of("two"), uids("type=c&flag=b@@%23%23c&label=nr%3Dtwo"));
    assertEquals(List.of(), uids("type=c&label=nr%3Dthree"));
    assertEquals(List.of("two", "one"), uids("type=c&target=file&action=append"));
    assertEquals(List.of(), uids("type=c&action=chmod"));
    assertEquals(400, send("GET", "/status", null).statusCode());
    assertEquals(404, send("GET", "/status?uid=three", null).statusCode());
    restart();
    assertEquals(List.of("two", "one"), uids("type=c&status=destroyed"));
  }

  @Test
  void aUidEndsForGood() throws Exception {
    append("one", "a");
    HttpResponse<String> same = append("one", "a");
    assertEquals(200, same.statusCode(), same.body());
    assertEquals(409, append("one", "b").statusCode());
    assertEquals(200, send("DELETE", "/experiments/one", null).statusCode());
    assertEquals(200, send("DELETE", "/experiments/one", null).statusCode());
    assertEquals(409, append("one", "a").statusCode());
    JsonObject made =
        json(send("POST", "/experiments", order("", "a").replace("\"uid\":\"\",", "")));
    String uid = made.getJsonObject("record").getString("uid");
    assertTrue(uid.matches("[0-9a-f]{16}"), uid);
    assertFalse(Files.readString(file).equals("x"));
  }

  private List<String> uids(String query) throws Exception {
    HttpResponse<String> answer = send("GET", "/status?" + query, null);
    assertEquals(200, answer.statusCode(), answer.body());
    return json(answer).getJsonArray("result").stream()
        .map(JsonValue::asJsonObject)
        .map(record -> record.getString("uid"))
        .toList();
  }

  private HttpResponse<String> append(String uid, String content, String... headers)
      throws Exception {
    return send("POST", "/experiments", order(uid, content), headers);
  }

  private String order(String uid, String content) {
    return Json.createObjectBuilder()
        .add("uid", uid)
        .add("target", "file")
        .add("action", "append")
        .add("labels", Json.createObjectBuilder().add("nr", uid))
        .add(
            "flags",
            Json.createObjectBuilder().add("filepath", file.toString()).add("content", content))
        .build()
        .toString();
  }

  private HttpResponse<String> send(String method, String path, String body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + daemon.httpPort() + "/api/v1" + path))
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static JsonObject json(HttpResponse<String> answer) {
    return Json.createReader(new StringReader(answer.body())).readObject();
  }
}
