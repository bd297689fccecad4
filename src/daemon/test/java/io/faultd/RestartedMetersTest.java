package io.faultd;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Reason;
import io.faultd.testing.Requires;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Counters of a daemon that was started again: there at once, and at 0, so that a rise is seen. */
@Requires("root")
class RestartedMetersTest {
  private static final Pattern LISTENING = Pattern.compile("HTTP 127\\.0\\.0\\.1:(\\d+)");
  private static final Pattern REFUSED =
      Pattern.compile("faultd_orders_refused_total\\{.*reason=\"(\\w+)\".*} (\\S+)");

  @TempDir private Path home;
  private final HttpClient client = HttpClient.newHttpClient();
  private Process process;
  private URI base;

  @AfterEach
  void end() throws Exception {
    process.destroyForcibly().waitFor();
    client.close();
  }

  private void start(String name) throws Exception {
    Path log = home.resolve(name);
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            "io.faultd.Main",
            "--http",
            "127.0.0.1:0",
            "--grpc",
            "127.0.0.1:0",
            "--data-dir",
            home.resolve("data").toString());
    builder.environment().put("FAULTD_NODE_LOCK", home.resolve("lock").toString());
    builder.environment().put("FAULTD_DATA_EPHEMERAL", "true");
    process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    eventually("it is ready", () -> Files.readString(log).contains("ready"));
    Matcher port = LISTENING.matcher(Files.readString(log));
    assertTrue(port.find(), Files.readString(log));
    base = URI.create("http://127.0.0.1:" + port.group(1));
  }

  private Map<String, Double> refused() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(base.resolve("/metrics")).header("Accept", "text/plain").build();
    Map<String, Double> refused = new TreeMap<>();
    Matcher each = REFUSED.matcher(client.send(request, BodyHandlers.ofString()).body());
    while (each.find()) {
      refused.put(each.group(1), Double.valueOf(each.group(2)));
    }
    return refused;
  }

  private static Map<String, Double> none() {
    Map<String, Double> none = new TreeMap<>();
    for (Reason reason : Reason.values()) {
      none.put(reason.name(), 0.0);
    }
    return none;
  }

  @Test
  void countersBeginAtNothing() throws Exception {
    start("first");
    assertEquals(none(), refused());
    HttpRequest order =
        HttpRequest.newBuilder(base.resolve("/api/v1/experiments"))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{\"target\": \"cpu\", \"action\": \"cool\"}"))
            .build();
    assertEquals(404, client.send(order, BodyHandlers.discarding()).statusCode());
    assertEquals(1.0, refused().get("UNKNOWN_ACTION"));
    process.destroy();
    assertTrue(process.waitFor(15, java.util.concurrent.TimeUnit.SECONDS));
    start("second");
    assertEquals(none(), refused());
  }
}
