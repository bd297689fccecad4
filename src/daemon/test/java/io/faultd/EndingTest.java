package io.faultd;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Effect;
import io.faultd.fault.Fault;
import io.faultd.fault.Hold;
import io.faultd.fault.Injection;
import io.faultd.linux.proc.Procfs;
import io.faultd.testing.Requires;
import io.faultd.testing.TargetJvm;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A daemon that is told to end while what it waits for hangs. */
@Requires("root")
class EndingTest {
  private static final String YAML =
      """
      target: trial
      desc: What tests need
      scopes: [host]
      actions:
        - action: hang
          class: io.faultd.EndingTest$Hanging
          desc: Cannot be taken back.
          undo: exact
          flags: []
      """;

  @TempDir private Path home;

  /** Lets go of nothing, ever. */
  static final class Hanging implements Fault<Hanging.Params> {
    record Params() {}

    @Override
    public void inject(Params params, Injection on) {
      on.hold("something", new Endless(Instant.now()));
    }
  }

  private record Endless(Instant since) implements Hold {
    @Override
    public Effect effect() {
      return Effect.of(Effect.State.SETTLED, since);
    }

    @Override
    public void close() {
      while (true) {
        LockSupport.park();
      }
    }
  }

  private static URI experiments(DaemonProcess daemon, String more) {
    return URI.create("http://127.0.0.1:%d/api/v1/experiments%s".formatted(daemon.http, more));
  }

  private static void order(
      HttpClient client, DaemonProcess daemon, String target, String action, JsonObject flags)
      throws Exception {
    JsonObject order =
        Json.createObjectBuilder()
            .add("uid", action)
            .add("target", target)
            .add("action", action)
            .add("flags", flags)
            .build();
    HttpRequest request =
        HttpRequest.newBuilder(experiments(daemon, ""))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(order.toString()))
            .build();
    HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
    assertEquals(201, answer.statusCode(), answer::body);
  }

  @Test
  void tenSecondsAreEnoughThoughAJvmACallbackAClientAndAnUndoHangAtOnce() throws Exception {
    Path specs = Files.createDirectory(home.resolve("specs"));
    Files.writeString(specs.resolve("trial.yaml"), YAML);
    try (TargetJvm jvm = TargetJvm.of(25);
        ServerSocket mute = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      String endpoint = "http://127.0.0.1:%d/hook".formatted(mute.getLocalPort());
      Map<String, String> settings =
          Map.of("specs.dir", specs.toString(), "callbacks.allow", endpoint);
      Duration took;
      List<String> log;
      try (HttpClient client = HttpClient.newHttpClient();
          DaemonProcess daemon = new DaemonProcess(home, settings)) {
        JsonObject delay =
            Json.createObjectBuilder()
                .add("pid", Integer.toString(jvm.pid()))
                .add("classname", "Shop")
                .add("methodname", "price")
                .add("time", "300")
                .build();
        order(client, daemon, "jvm", "delay", delay);
        assertTrue(jvm.millis("price 1") >= 295);
        JsonObject told = Json.createObjectBuilder().add("endpoint", endpoint).build();
        order(client, daemon, "trial", "hang", told);
        HttpRequest events = HttpRequest.newBuilder(experiments(daemon, "/hang/events")).build();
        assertEquals(200, client.send(events, BodyHandlers.ofInputStream()).statusCode());
        jvm.signal("STOP");
        eventually("stopped", () -> Procfs.HOST.stopped(jvm.pid()) == Procfs.Stopped.YES);
        long begin = System.nanoTime();
        daemon.close();
        took = Duration.ofNanos(System.nanoTime() - begin);
        log = daemon.lines();
        client.shutdownNow();
      }
      assertTrue(took.compareTo(Duration.ofSeconds(10)) < 0, took::toString);
      assertTrue(log.getLast().endsWith("ended"), () -> String.join("\n", log));
      jvm.signal("CONT");
      eventually("the rule has gone with the daemon", () -> jvm.millis("price 1") < 295);
    }
  }
}
