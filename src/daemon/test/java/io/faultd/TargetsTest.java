package io.faultd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Container;
import io.faultd.testing.Containerd;
import io.faultd.testing.OddRuntime;
import io.faultd.testing.Pod;
import io.faultd.testing.TargetJvm;
import io.faultd.testing.WithContainerd;
import io.faultd.v1.ListTargetsRequest;
import io.faultd.v1.ListTargetsResponse;
import io.faultd.v1.TargetInfo;
import io.faultd.v1.TargetKind;
import io.faultd.v1.TargetServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be aimed at, as clients of a whole daemon see it. */
@WithContainerd
class TargetsTest {
  @TempDir Path folder;

  @Test
  void containersAndJvmsAreListedOverBothInterfacesAndWhatFailedIsTold(Containerd containerd)
      throws Exception {
    try (OddRuntime odd = OddRuntime.babbling(folder.resolve("odd"));
        Pod pod = containerd.pod("aimed-at", true);
        TargetJvm jvm = TargetJvm.of(25, "-Dshop.password=hidden")) {
      Container one = pod.container("one", "/bin/sleep", "1000000");
      String sockets = odd.socket() + "," + containerd.socket();
      try (Daemon daemon = LocalDaemon.whole(folder, Map.of("cri.endpoints", sockets))) {
        overHttp(daemon, one, jvm, odd);
        overGrpc(daemon, one, jvm, odd);
      }
    }
  }

  private static void overHttp(Daemon daemon, Container one, TargetJvm jvm, OddRuntime odd)
      throws Exception {
    JsonObject all = get(daemon, "");
    String command = target(all, "" + jvm.pid()).getJsonObject("properties").getString("command");
    assertTrue(command.contains("-Dshop.password=***"), command);
    JsonObject container = target(all, one.id());
    assertEquals("container", container.getString("kind"));
    assertEquals("one", container.getString("name"));
    JsonObject properties = container.getJsonObject("properties");
    assertEquals("running", properties.getString("state"));
    assertEquals("aimed-at", properties.getString("pod"));
    assertEquals("default", properties.getString("namespace"));
    assertEquals("one", properties.getString("label:app"));
    assertEquals("containerd", properties.getString("runtime"));
    assertEquals(one.runtime().socket(), properties.getString("endpoint"));
    assertEquals("jvm", target(all, "" + jvm.pid()).getString("kind"));
    assertEquals(1, all.getJsonArray("warnings").size());
    assertTrue(all.getJsonArray("warnings").getString(0).contains(odd.socket()));
    assertTrue(get(daemon, "?kind=jvm").getJsonArray("warnings").isEmpty(), "nobody was asked");
    assertTrue(
        get(daemon, "?kind=container")
            .getJsonArray("targets")
            .getValuesAs(JsonObject.class)
            .stream()
            .allMatch(each -> each.getString("kind").equals("container")));
  }

  private static void overGrpc(Daemon daemon, Container one, TargetJvm jvm, OddRuntime odd)
      throws Exception {
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", daemon.grpcPort()).usePlaintext().build();
    try {
      ListTargetsResponse seen =
          TargetServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(20, TimeUnit.SECONDS)
              .listTargets(ListTargetsRequest.getDefaultInstance());
      TargetInfo container =
          seen.getTargetsList().stream().filter(t -> t.getId().equals(one.id())).findFirst().get();
      assertEquals(TargetKind.TARGET_KIND_CONTAINER, container.getKind());
      assertEquals("aimed-at", container.getPropertiesOrThrow("pod"));
      assertTrue(seen.getTargetsList().stream().anyMatch(t -> t.getId().equals("" + jvm.pid())));
      assertEquals(1, seen.getWarningsCount());
      assertTrue(seen.getWarnings(0).contains(odd.socket()));
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  private static JsonObject target(JsonObject all, String id) {
    return all.getJsonArray("targets").getValuesAs(JsonObject.class).stream()
        .filter(each -> each.getString("id").equals(id))
        .findFirst()
        .orElseThrow();
  }

  private static JsonObject get(Daemon daemon, String query) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + daemon.httpPort() + "/api/v1/targets" + query);
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
      assertEquals(200, answer.statusCode(), answer.body());
      return Json.createReader(new StringReader(answer.body())).readObject();
    }
  }
}
