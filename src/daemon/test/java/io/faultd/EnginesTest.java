package io.faultd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.faultd.testing.Cable;
import io.faultd.testing.Requires;
import io.faultd.v1.Action;
import io.faultd.v1.ActionServiceGrpc;
import io.faultd.v1.ListActionsRequest;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What does the work of an order is known before it is given. */
@Requires({"root", "nftables", "nfqueue", "htb"})
class EnginesTest {
  private static final Map<String, String> FLAGS =
      Map.of("loss", "\"percent\": 1", "delay", "\"time\": 1", "limit", "\"rate\": \"1gbit\"");

  @TempDir Path folder;
  private final HttpClient client = HttpClient.newHttpClient();

  @Test
  void theOneThatActionsShowDoesTheWork() throws Exception {
    Map<String, String> arguments =
        Map.of(
            "server.http.port", "0",
            "server.grpc.port", "0",
            "data.dir", folder.resolve("data").toString(),
            "data.ephemeral", "true",
            "node.lock", folder.resolve("lock").toString());
    Settings settings = new SettingsReader(Map.of(), new Properties()).read(arguments, null);
    Daemon daemon = new Daemon(settings, new Parts(settings, Groundwork.begin()));
    daemon.start();
    try (Cable cable = Cable.open()) {
      String url = "http://127.0.0.1:%d/api/v1/".formatted(daemon.httpPort());
      Map<String, String> shown = shown(url);
      assertEquals(shown, overGrpc(daemon.grpcPort()));
      assertEquals("", shown.get("drop"), "there is nothing to choose");
      for (String action : FLAGS.keySet()) {
        assertFalse(shown.get(action).isEmpty(), action);
        assertEquals(shown.get(action), worked(url, action), cable.network());
      }
    } finally {
      client.close();
      daemon.close();
    }
  }

  private Map<String, String> shown(String url) throws Exception {
    Map<String, String> shown = new TreeMap<>();
    HttpRequest request = HttpRequest.newBuilder(URI.create(url + "actions")).build();
    String body = client.send(request, BodyHandlers.ofString()).body();
    for (JsonValue each : Json.createReader(new StringReader(body)).readArray()) {
      JsonObject action = each.asJsonObject();
      if (action.getString("scope").equals("host")
          && action.getString("target").equals("network")) {
        shown.put(action.getString("action"), action.getString("engine", ""));
      }
    }
    return shown;
  }

  private static Map<String, String> overGrpc(int port) {
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    try {
      Map<String, String> shown = new TreeMap<>();
      for (Action action :
          ActionServiceGrpc.newBlockingStub(channel)
              .listActions(ListActionsRequest.getDefaultInstance())
              .getActionsList()) {
        if (action.getScope().equals("host") && action.getTarget().equals("network")) {
          shown.put(action.getAction(), action.getEngine());
        }
      }
      return shown;
    } finally {
      channel.shutdownNow();
    }
  }

  /** What the record of an order says that did its work. */
  private String worked(String url, String action) throws Exception {
    String order =
        """
        {"target": "network", "action": "%s", "flags": {%s, "interface": "fa", "remote-port": 7001}}
        """
            .formatted(action, FLAGS.get(action));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + "experiments"))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(order));
    String body = client.send(request.build(), BodyHandlers.ofString()).body();
    JsonObject answer = Json.createReader(new StringReader(body)).readObject();
    return answer.getJsonObject("record").getString("engine");
  }
}
