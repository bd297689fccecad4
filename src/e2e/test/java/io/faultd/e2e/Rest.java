package io.faultd.e2e;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A client of the REST interface.
 *
 * @param base where it is
 * @param token what it presents, if anything
 */
record Rest(String base, @Nullable String token) {
  static final String EXPERIMENTS = "/api/v1/experiments";

  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();

  /** The body of a create. */
  static String order(String target, String action, Map<String, String> flags) {
    return order(null, target, action, flags);
  }

  /** The body of a create with a uid of the client's. */
  static String order(
      @Nullable String uid, String target, String action, Map<String, String> flags) {
    JsonObjectBuilder texts = Json.createObjectBuilder();
    flags.forEach(texts::add);
    JsonObjectBuilder body = Json.createObjectBuilder().add("target", target).add("action", action);
    if (uid != null) {
      body.add("uid", uid);
    }
    return body.add("flags", texts).build().toString();
  }

  Answer create(String target, String action, Map<String, String> flags) {
    return post(EXPERIMENTS, order(target, action, flags));
  }

  Answer destroy(String uid) {
    return delete(EXPERIMENTS + "/" + uid);
  }

  JsonObject experiment(String uid) {
    return get(EXPERIMENTS + "/" + uid).json();
  }

  /** The status of an experiment. */
  String status(String uid) {
    return experiment(uid).getString("status");
  }

  Answer get(String path) {
    return send("GET", path, "");
  }

  Answer delete(String path) {
    return send("DELETE", path, "");
  }

  Answer post(String path, String body) {
    return send("POST", path, body);
  }

  Answer send(String method, String path, String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(Duration.ofSeconds(60))
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (!body.isEmpty()) {
      request.header("Content-Type", "application/json");
    }
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      HttpResponse<String> response = CLIENT.send(request.build(), BodyHandlers.ofString());
      return new Answer(response.statusCode(), response.body());
    } catch (IOException e) {
      return new Answer(0, String.valueOf(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Answer(0, "interrupted");
    }
  }

  /**
   * What came back.
   *
   * @param status of HTTP; 0 if nothing came
   * @param text the body, or why nothing came
   */
  record Answer(int status, String text) {
    JsonObject json() {
      return parsed().asJsonObject();
    }

    JsonArray array() {
      return parsed().asJsonArray();
    }

    String reason() {
      return json().getString("reason", "");
    }

    /** The uid that a create gave. */
    String uid() {
      if (status != 201 && status != 200 && status != 202) {
        throw new AssertionError("not created: " + status + " " + text);
      }
      return json().getJsonObject("response").getString("result");
    }

    private JsonValue parsed() {
      try (var reader = Json.createReader(new StringReader(text))) {
        return reader.readValue();
      }
    }
  }
}
