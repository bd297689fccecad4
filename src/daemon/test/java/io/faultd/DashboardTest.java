package io.faultd;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Requires;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The dashboard and the alerts of {@code deploy} speak of figures that there are. */
@Requires("nftables")
class DashboardTest {
  private static final Pattern NAME =
      Pattern.compile("\\b(?:faultd|process|memory|thread|gc|cpu|requests)_\\w+");

  @TempDir Path folder;
  private final HttpClient client = HttpClient.newHttpClient();

  @Test
  void everyMetricThatDashboardAndAlertsNameIsServed() throws Exception {
    try (Daemon daemon = LocalDaemon.whole(folder, Map.of())) {
      URI base = URI.create("http://127.0.0.1:" + daemon.httpPort());
      URI experiments = base.resolve("/api/v1/experiments");
      assertEquals(
          201, post(experiments, "cpu", "fullload", "{\"cpu-percent\": 1, \"cpu-list\": \"0\"}"));
      assertEquals(201, post(experiments, "network", "drop", "{\"destination-port\": 9}"));
      assertEquals(404, post(experiments, "cpu", "cool", "{}"));
      HttpRequest destroy =
          HttpRequest.newBuilder(experiments.resolve("experiments/drop")).DELETE().build();
      eventually("all is counted", () -> metrics(base).contains("faultd_experiment_shortfall{"));
      String during = metrics(base);
      assertTrue(
          during
              .lines()
              .anyMatch(line ->
                  line.startsWith("faultd_experiments{") && line.contains("status=\"success\"")),
          during);
      assertEquals(200, client.send(destroy, BodyHandlers.ofString()).statusCode());
      Set<String> served = names(during + metrics(base));
      for (String file : Set.of("grafana/faultd.json", "alerts.yaml")) {
        Path named = Path.of(System.getProperty("faultd.root"), "deploy").resolve(file);
        Set<String> missing = names(Files.readString(named));
        assertTrue(missing.size() > 5, file);
        missing.removeAll(served);
        assertEquals(Set.of(), missing, file);
      }
    }
  }

  private static Set<String> names(String text) {
    return NAME.matcher(text)
        .results()
        .map(match -> match.group())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private int post(URI experiments, String target, String action, String flags) throws Exception {
    String body =
        "{\"uid\": \"%s\", \"target\": \"%s\", \"action\": \"%s\", \"flags\": %s}"
            .formatted(action, target, action, flags);
    HttpRequest order =
        HttpRequest.newBuilder(experiments)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build();
    return client.send(order, BodyHandlers.ofString()).statusCode();
  }

  private String metrics(URI base) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(base.resolve("/metrics")).build();
    return client.send(request, BodyHandlers.ofString()).body();
  }
}
