package io.faultd;

import static io.faultd.Hostile.DATA;
import static io.faultd.Hostile.END_HEADERS;
import static io.faultd.Hostile.HEADERS;
import static io.faultd.Hostile.all;
import static io.faultd.Hostile.frame;
import static io.faultd.Hostile.http2;
import static io.faultd.Hostile.indexed;
import static io.faultd.Hostile.post;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bodies of clients that were let in, and that do not come to their end. */
@Timeout(60)
class BodiesTest extends Besieged {
  private static final String ORDERS = "/api/v1/experiments";
  private static final int MANY = 12; // more than are read at a time

  @TempDir private Path folder;

  private void start(String patience) throws IOException {
    daemon.close();
    String tokens =
        """
        tokens:
          - {name: viewer, token: viewer, role: viewer}
          - {name: operator, token: operator, role: operator}
        """;
    Path file = Files.writeString(folder.resolve("tokens.yaml"), tokens);
    start(
        Map.of(
            "security.tokens-file",
            file.toString(),
            "server.body-timeout",
            patience,
            "server.login-timeout",
            "30s"));
  }

  /** The beginning of a body that is too large to be read without room for it. */
  private void begin(boolean second, String method, String token) throws IOException {
    byte[] part = new byte[15_000];
    if (second) {
      Hostile client = keep(http2(port(false)));
      byte[] authorization = indexed("authorization", "Bearer " + token);
      client.send(
          frame(HEADERS, END_HEADERS, 1, all(post(ORDERS, "application/json"), authorization)),
          frame(DATA, 0, 1, part),
          frame(DATA, 0, 1, part));
    } else {
      String head =
          "%s %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Length: 90000\r\n\r\n"
              .formatted(method, method.equals("GET") ? "/api/v1/info" : ORDERS, token);
      keep(new Hostile(port(false))).send(head.getBytes(StandardCharsets.US_ASCII), part, part);
    }
  }

  private int order() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port(false) + ORDERS))
            .header("Authorization", "Bearer t")
            .header("Content-Type", "application/json")
            .timeout(Duration.ofSeconds(10))
            .POST(HttpRequest.BodyPublishers.ofString(" ".repeat(100_000) + "[]"))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  @ParameterizedTest
  @CsvSource({"false, POST, viewer", "true, POST, viewer", "false, GET, operator"})
  void whoGivesNoOrderTakesNoRoomOfOthers(boolean second, String method, String token)
      throws Exception {
    start("1h");
    for (int i = 0; i < MANY; i++) {
      begin(second, method, token);
    }
    assertEquals(400, order(), "it was read, and is no object");
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void whoGivesOneGivesItUpAfterATime(boolean second) throws Exception {
    start("3s");
    for (int i = 0; i < MANY; i++) {
      begin(second, "POST", "operator");
    }
    assertEquals(400, order());
    for (Hostile each : open) {
      assertTrue(second ? each.answer(1).containsKey("reset") : each.ended());
    }
  }
}
