package io.faultd.e2e;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.linux.proc.Procfs;
import io.faultd.testing.Fingerprint;
import io.faultd.testing.Requires;
import io.faultd.testing.Stuck;
import io.faultd.testing.Victim;
import io.faultd.v1.DestroyAllExperimentsRequest;
import io.faultd.v1.DestroyOutcome;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client in another language, made from the contract alone. */
@Requires("root")
class GoClientTest {
  private static final String UID = "impatient";
  private static final DestroyAllExperimentsRequest ALL =
      DestroyAllExperimentsRequest.getDefaultInstance();

  @TempDir Path folder;

  @Test
  void createsWatchesDestroysAndReadsWhyItWasRefused() throws Exception {
    Path client = built("client");
    Path things = Files.createDirectory(folder.resolve("things"));
    Path file = Files.writeString(things.resolve("file"), "x");
    var before = Fingerprint.of(things);
    try (Daemon daemon = Daemon.in(folder).start();
        Victim victim = Victim.sleeping(Victim.tag())) {
      assertStory(run(client, daemon, "file", "delete", "filepath=" + file));
      assertEquals(before, Fingerprint.of(things));
      assertStory(run(client, daemon, "process", "stop", "pid=" + victim.pid()));
      assertTrue(victim.runs());
    }
  }

  @Test
  void whatIsBeingInjectedIsUndoneWhenItsClientCancels() throws Exception {
    Path client = built("impatient");
    Path pipe = folder.resolve("pipe");
    Tool.run(folder, Map.of(), "mkfifo", pipe.toString());
    try (Daemon daemon = Daemon.in(folder).start();
        Victim victim = Victim.java(Stuck.class, pipe.toString())) {
      Stuck.awaitStuck(victim);
      long begin = System.nanoTime();
      gaveUp(client, daemon, "Created", "process", "stop", "pid=" + victim.pid());
      eventually("it has ended", () -> !"Created".equals(record(daemon).getString("status")));
      // before it would have failed by itself
      assertTrue(System.nanoTime() - begin < 4_000_000_000L);
      assertEquals("Error", record(daemon).getString("status"));
      assertEquals("client gave up", record(daemon).getString("error"));
      assertEquals(Procfs.Stopped.NO, Procfs.HOST.stopped(victim.pid()));
      Files.newOutputStream(pipe).close();
      assertEquals("through", victim.line());
      assertEquals(0, daemon.experiments().destroyAllExperiments(ALL).getOutcomesCount());
    }
  }

  @Test
  void whatIsInPlaceStaysWhenItsClientCancels() throws Exception {
    Path client = built("impatient");
    try (Daemon daemon = Daemon.in(folder).start()) {
      List<String> load = List.of("cpu-percent=5", "cpu-list=0", "climb-time=60");
      gaveUp(client, daemon, "Success", "cpu", "fullload", load.toArray(String[]::new));
      // which is told a second later at the earliest
      eventually(
          "how it does", () -> record(daemon).getJsonObject("effect").containsKey("achieved"));
      assertEquals("Success", record(daemon).getString("status"));
      assertEquals(1, daemon.workers().size());
      var outcomes = daemon.experiments().destroyAllExperiments(ALL).getOutcomesList();
      assertEquals(List.of(UID), outcomes.stream().map(DestroyOutcome::getUid).toList());
      eventually("no worker is left", () -> daemon.workers().isEmpty());
    }
  }

  private void gaveUp(
      Path client, Daemon daemon, String status, String target, String action, String... flags)
      throws Exception {
    List<String> command = new ArrayList<>(List.of(client.toString(), "-uid", UID));
    command.addAll(List.of("-address", "127.0.0.1:" + daemon.grpcPort(), "-until", status));
    command.addAll(List.of("-target", target, "-action", action));
    for (String flag : flags) {
      command.addAll(List.of("-flag", flag));
    }
    String output = Tool.run(folder, Map.of(), command.toArray(String[]::new));
    assertEquals("Canceled", json(output).getString("code"));
  }

  private static JsonObject record(Daemon daemon) {
    return daemon.rest().experiment(UID);
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
  private Path built(String name) throws Exception {
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
    Path client = home.resolve(name);
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
        Tool.ROOT.resolve("src/e2e/go/" + name + ".go").toString());
    return client;
  }
}
