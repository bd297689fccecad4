package io.faultd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.faultd.fault.Reason;
import io.faultd.testing.Requires;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Counters of a daemon that was started again: there at once, and at 0, so that a rise is seen. */
@Requires("root")
class RestartedMetersTest {
  private static final Pattern REFUSED =
      Pattern.compile("faultd_orders_refused_total\\{.*reason=\"(\\w+)\".*} (\\S+)");

  @TempDir private Path home;
  private final HttpClient client = HttpClient.newHttpClient();

  private Map<String, Double> refused(URI base) throws Exception {
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

  private static URI base(DaemonProcess daemon) {
    return URI.create("http://127.0.0.1:" + daemon.http);
  }

  @Test
  void countersBeginAtNothing() throws Exception {
    try (DaemonProcess daemon = new DaemonProcess(home, Map.of())) {
      assertEquals(none(), refused(base(daemon)));
      HttpRequest order =
          HttpRequest.newBuilder(base(daemon).resolve("/api/v1/experiments"))
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofString("{\"target\": \"cpu\", \"action\": \"cool\"}"))
              .build();
      assertEquals(404, client.send(order, BodyHandlers.discarding()).statusCode());
      assertEquals(1.0, refused(base(daemon)).get("UNKNOWN_ACTION"));
    }
    try (DaemonProcess daemon = new DaemonProcess(home, Map.of())) {
      assertEquals(none(), refused(base(daemon)));
    }
    client.close();
  }
}
