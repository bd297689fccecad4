package io.faultd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Requires;
import jakarta.json.Json;
import jakarta.json.JsonObjectBuilder;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that were let in, with more names for things than things. */
@Requires("root")
@Timeout(120)
class FloodTest {
  private static final int REQUESTS = 1_000;

  @TempDir private Path home;
  private final HttpClient client = HttpClient.newHttpClient();
  private DaemonProcess daemon;

  private HttpResponse<String> order(String uid, String key, JsonObjectBuilder labels)
      throws Exception {
    String body =
        Json.createObjectBuilder()
            .add("uid", uid)
            .add("target", "file")
            .add("action", "append")
            .add("labels", labels)
            .add(
                "flags",
                Json.createObjectBuilder()
                    .add("filepath", home.resolve("file").toString())
                    .add("content", "y"))
            .build()
            .toString();
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + daemon.http + "/api/v1/experiments"))
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", key)
            .POST(BodyPublishers.ofString(body))
            .build();
    return client.send(request, BodyHandlers.ofString());
  }

  private long number(String query) throws SQLException {
    try (Connection database =
            DriverManager.getConnection("jdbc:sqlite:" + home.resolve("data/faultd.db"));
        Statement statement = database.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      return result.getLong(1);
    }
  }

  private void update(String text) throws SQLException {
    try (Connection database =
            DriverManager.getConnection("jdbc:sqlite:" + home.resolve("data/faultd.db"));
        Statement statement = database.createStatement()) {
      statement.executeUpdate(text);
    }
  }

  private long bytes() throws Exception {
    return Files.size(home.resolve("data/faultd.db"))
        + Files.size(home.resolve("data/faultd.db-wal"));
  }

  @Test
  void keysOfOneExperimentAreBoundedAndEndAfterADay() throws Exception {
    Files.writeString(home.resolve("file"), "x");
    try (DaemonProcess started = new DaemonProcess(home, Map.of())) {
      daemon = started;
      assertEquals(201, order("one", "first", Json.createObjectBuilder()).statusCode());
      long before = bytes();
      for (int i = 0; i < REQUESTS; i++) {
        String key = i + "-" + "k".repeat(240);
        assertEquals(200, order("one", key, Json.createObjectBuilder()).statusCode());
      }
      assertEquals(64, number("SELECT COUNT(*) FROM idempotency"));
      assertEquals(1, number("SELECT COUNT(*) FROM idempotency WHERE name LIKE '%\n999-k%'"));
      assertTrue(bytes() - before < 8 << 20, bytes() - before + " bytes more");
      // the one that made it is known as ever
      assertEquals(201, order("one", "first", Json.createObjectBuilder()).statusCode());
      update("UPDATE idempotency SET made = made - 86500000");
      assertEquals(200, order("one", "first", Json.createObjectBuilder()).statusCode());
    } finally {
      client.close();
    }
  }

  @Test
  void labelsAreBoundedAndWhatIsRefusedLeavesNothing() throws Exception {
    Files.writeString(home.resolve("file"), "x");
    try (DaemonProcess started = new DaemonProcess(home, Map.of())) {
      daemon = started;
      long before = bytes();
      for (int i = 0; i < 200; i++) {
        JsonObjectBuilder labels = Json.createObjectBuilder();
        for (int j = 0; j < 1_000; j++) {
          labels.add("label-" + i + "-" + j, "v");
        }
        HttpResponse<String> answer = order("uid-" + i, "key-" + i, labels);
        assertEquals(400, answer.statusCode());
        assertTrue(answer.body().contains("labels"), answer.body());
      }
      assertEquals(0, number("SELECT COUNT(*) FROM idempotency"));
      assertEquals(0, number("SELECT COUNT(*) FROM experiment"));
      assertTrue(bytes() - before < 1 << 20, bytes() - before + " bytes more");
    } finally {
      client.close();
    }
  }
}
