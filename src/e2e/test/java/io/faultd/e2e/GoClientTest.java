package io.faultd.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Fingerprint;
import io.faultd.testing.Requires;
import io.faultd.testing.Victim;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client in another language, made from the contract alone. */
@Requires("root")
class GoClientTest {
  @TempDir Path folder;

  @Test
  void createsWatchesDestroysAndReadsWhyItWasRefused() throws Exception {
    Path client = built();
    Path things = Files.createDirectory(folder.resolve("things"));
    Path file = Files.writeString(things.resolve("file"), "x");
    var before = Fingerprint.of(things);
    try (Daemon daemon = Daemon.in(folder).start();
        Victim victim = Victim.sleeping(Victim.tag())) {
      assertStory(run(client, daemon, "file", "delete", "filepath=" + file));
      assertEquals(before, Fingerprint.of(things));
      assertStory(run(client, daemon, "process", "stop", "pid=" + victim.pid()));
      assertEquals('S', victim.state());
    }
  }

  private static void assertStory(List<JsonObject> steps) {
    assertEquals(
        List.of("info", "created", "present", "destroyed"),
        steps.subList(0, 4).stream().map(step -> step.getString("step")).toList());
    assertEquals("EXPERIMENT_STATUS_SUCCESS", steps.get(1).getString("status"));
    assertEquals(steps.get(1).getString("uid"), steps.get(2).getString("uid"));
    assertEquals("EXPERIMENT_STATUS_SUCCESS", steps.get(2).getString("status"));
    assertEquals("EXPERIMENT_STATUS_DESTROYED", steps.get(3).getString("status"));
    JsonObject change = steps.get(steps.size() - 2);
    assertEquals("change", change.getString("step"));
    assertEquals("EXPERIMENT_STATUS_DESTROYED", change.getString("status"));
    JsonObject refused = steps.getLast();
    assertEquals("refused", refused.getString("step"));
    assertEquals("InvalidArgument", refused.getString("code"));
    assertEquals("ILLEGAL_PARAMETER", refused.getString("reason"));
    assertEquals("46000", refused.getString("faultdCode"));
    assertTrue(refused.getString("field").contains("no-such-flag"), refused.toString());
  }

  private List<JsonObject> run(
      Path client, Daemon daemon, String target, String action, String flag) throws Exception {
    String output =
        Tool.run(
            folder,
            Map.of(),
            client.toString(),
            "-address",
            "127.0.0.1:" + daemon.grpcPort(),
            "-target",
            target,
            "-action",
            action,
            "-flag",
            flag);
    return output.lines().map(GoClientTest::json).toList();
  }

  private static JsonObject json(String line) {
    try (var reader = Json.createReader(new StringReader(line))) {
      return reader.readObject();
    }
  }

  /** As the header of the client says. */
  private Path built() throws Exception {
    Path home = folder.resolve("go");
    Path sources = Files.createDirectories(home.resolve("src"));
    Tool.run(
        folder,
        Map.of(),
        "protoc",
        "-I",
        Tool.ROOT.resolve("proto").toString(),
        "--go_out=" + sources,
        "--go-grpc_out=" + sources,
        "faultd/v1/faultd.proto");
    Path client = home.resolve("client");
    Tool.run(
        folder,
        Map.of(
            "GO111MODULE",
            "off",
            "GOPATH",
            home + ":/usr/share/gocode",
            "GOFLAGS",
            "",
            // kept from run to run: the libraries take a minute to compile
            "GOCACHE",
            Tool.ROOT.resolve("src/e2e/target/go-cache").toString()),
        "go",
        "build",
        "-o",
        client.toString(),
        Tool.ROOT.resolve("src/e2e/go/client.go").toString());
    return client;
  }
}
