package io.faultd;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Cable;
import io.faultd.testing.Requires;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Faults on interfaces that are taken away while rules of theirs stay. */
@Requires("root")
class InterfaceGoneTest {
  /** A record says so within 2 s; the rest is for a machine that is busy. */
  private static final long SOON_NANOS = 6_000_000_000L;

  /** Each with rules of nftables. */
  private static final Map<String, String> FLAGS =
      Map.of(
          "drop", "\"destination-port\": 7001, \"network-traffic\": \"both\"",
          "loss", "\"percent\": 50, \"engine\": \"nft\", \"remote-port\": 7002",
          "delay", "\"time\": \"20ms\", \"engine\": \"nfqueue\", \"remote-port\": 7003",
          "limit", "\"rate\": \"1mbit\", \"direction\": \"in\", \"remote-port\": 7004");

  @TempDir Path folder;
  private final HttpClient client = HttpClient.newHttpClient();
  private Daemon daemon;

  @BeforeEach
  void open() throws Exception {
    Cable.run(
        """
        ip link add ga type veth peer name gb
        ip link add gc type veth peer name gd
        for each in ga gb gc gd; do ip link set $each up; done
        """);
    daemon = LocalDaemon.whole(folder, Map.of());
  }

  @AfterEach
  void close() throws Exception {
    client.close();
    daemon.close();
    Cable.run("ip link del ga 2>/dev/null || true; ip link del gc 2>/dev/null || true");
  }

  @Test
  void ofOneThatIsNoMoreTheRecordSaysTargetGone() throws Exception {
    for (String action : FLAGS.keySet()) {
      create(action, "ga");
    }
    Cable.run("ip link del ga");
    for (String action : FLAGS.keySet()) {
      soon(action, () -> status(action).equals("Error"));
      JsonObject record = record(action);
      String error = record.getString("error");
      assertTrue(error.startsWith("target-gone: there is no interface ga any more"), error);
      assertEquals("gone", record.getJsonObject("effect").getString("state"));
    }
  }

  @Test
  void oneThatIsMadeAnewUnderTheSameNameIsAnotherOne() throws Exception {
    create("drop", "ga");
    Cable.run("ip link del ga; ip link add ga type veth peer name gb; ip link set ga up");
    soon("drop", () -> status("drop").equals("Error"));
    assertTrue(record("drop").getString("error").startsWith("target-gone: "));
  }

  @Test
  void ofSomeOfWhichOthersAreLeftTheRecordSaysDegraded() throws Exception {
    for (String action : FLAGS.keySet()) {
      create(action, "ga,gc");
    }
    Cable.run("ip link del ga");
    for (String action : FLAGS.keySet()) {
      soon(action, () -> state(action).equals("degraded"));
      JsonObject record = record(action);
      assertEquals("Success", record.getString("status"));
      assertEquals(
          "there is no interface ga any more", record.getJsonObject("effect").getString("detail"));
    }
  }

  private static void soon(String action, Callable<Boolean> so) throws Exception {
    long begin = System.nanoTime();
    eventually(action + " is seen", so);
    assertTrue(System.nanoTime() - begin < SOON_NANOS, action + " is seen late");
  }

  private String status(String uid) throws Exception {
    return record(uid).getString("status");
  }

  private String state(String uid) throws Exception {
    return record(uid).getJsonObject("effect").getString("state");
  }

  private void create(String action, String interfaces) throws Exception {
    String order =
        """
        {"uid": "%s", "target": "network", "action": "%1$s",
         "flags": {%s, "interface": "%s"}}
        """
            .formatted(action, FLAGS.get(action), interfaces);
    HttpResponse<String> answer =
        send(
            request("")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(order)));
    assertEquals(201, answer.statusCode(), answer.body());
  }

  private JsonObject record(String uid) throws Exception {
    return Json.createReader(new StringReader(send(request("/" + uid)).body())).readObject();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
        URI.create("http://127.0.0.1:%d/api/v1/experiments%s".formatted(daemon.httpPort(), path)));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), BodyHandlers.ofString());
  }
}
