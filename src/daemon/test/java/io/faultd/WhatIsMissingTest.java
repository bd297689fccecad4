package io.faultd;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Launcher;
import io.faultd.testing.Requires;
import io.faultd.v1.Action;
import io.faultd.v1.ActionServiceGrpc;
import io.faultd.v1.ListActionsRequest;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A daemon that was not given all says so beforehand, as the order would. */
@Requires("root")
class WhatIsMissingTest {
  private static final Pattern LISTENING =
      Pattern.compile("listening: HTTP \\S*:(\\d+), gRPC \\S*:(\\d+)");

  @TempDir private Path folder;
  private Process daemon;
  private int http;
  private int grpc;

  @BeforeEach
  void start() throws Exception {
    Path log = folder.resolve("log");
    String nowhere = folder.resolve("no.sock").toString();
    ProcessBuilder builder =
        new ProcessBuilder(
                "setpriv",
                "--bounding-set=-sys_admin,-net_admin,-sys_ptrace",
                "--inh-caps=-sys_admin,-net_admin,-sys_ptrace",
                "--",
                Launcher.install(folder.resolve("home")).toString(),
                "--http",
                "127.0.0.1:0",
                "--grpc",
                "127.0.0.1:0")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "FAULTD_NODE_LOCK",
                folder.resolve("lock").toString(),
                "FAULTD_DATA_DIR",
                folder.resolve("data").toString(),
                "FAULTD_DATA_EPHEMERAL",
                "true",
                "FAULTD_CRI_ENDPOINTS",
                nowhere,
                "JDK_JAVA_OPTIONS",
                "-Djava.io.tmpdir=" + folder));
    daemon = builder.start();
    eventually(
        "faultd is ready",
        () -> {
          String text = Files.readString(log);
          assertTrue(daemon.isAlive(), text);
          return text.contains("Daemon ready");
        });
    Matcher ports = LISTENING.matcher(Files.readString(log));
    assertTrue(ports.find());
    http = Integer.parseInt(ports.group(1));
    grpc = Integer.parseInt(ports.group(2));
  }

  @AfterEach
  void end() throws Exception {
    daemon.destroy();
    daemon.waitFor();
  }

  @Test
  void eachActionSaysWhatItLacksOverBothInterfacesAndOrdersAreRefusedSo() throws Exception {
    Map<String, String> missing = overHttp();
    assertEquals(missing, overGrpc());
    assertEquals("", missing.get("host file chmod"));
    assertEquals("", missing.get("host process stop"));
    String root = "the daemon runs as root, but without CAP_SYS_ADMIN, CAP_SYS_PTRACE";
    assertEquals(root, missing.get("host jvm delay"));
    assertEquals(root, missing.get("cri file chmod"));
    assertEquals(root, missing.get("cri container pause"));
    for (String network : List.of("drop", "loss", "delay", "limit")) {
      assertFalse(missing.get("host network " + network).isEmpty(), network);
    }
    JsonObject able =
        read(send(HttpRequest.newBuilder(uri("/info")))).getJsonObject("capabilities");
    assertEquals(root, able.getString("containers"));
    refused("jvm", "delay", root);
    refused("network", "drop", missing.get("host network drop"));
  }

  private Map<String, String> overHttp() throws Exception {
    Map<String, String> missing = new TreeMap<>();
    HttpRequest.Builder request = HttpRequest.newBuilder(uri("/actions"));
    for (JsonObject action :
        Json.createReader(new StringReader(send(request).body()))
            .readArray()
            .getValuesAs(JsonObject.class)) {
      String lack = action.getString("missing", "");
      assertEquals(lack.isEmpty(), action.getBoolean("available"));
      missing.put(
          "%s %s %s"
              .formatted(
                  action.getString("scope"),
                  action.getString("target"),
                  action.getString("action")),
          lack);
    }
    return missing;
  }

  private Map<String, String> overGrpc() throws Exception {
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", grpc).usePlaintext().build();
    try {
      Map<String, String> missing = new TreeMap<>();
      for (Action action :
          ActionServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(20, TimeUnit.SECONDS)
              .listActions(ListActionsRequest.getDefaultInstance())
              .getActionsList()) {
        missing.put(
            "%s %s %s".formatted(action.getScope(), action.getTarget(), action.getAction()),
            action.getMissing());
      }
      return missing;
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  private void refused(String target, String action, String why) throws Exception {
    HttpResponse<String> answer =
        send(
            HttpRequest.newBuilder(uri("/experiments"))
                .header("Content-Type", "application/json")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "{\"target\": \"%s\", \"action\": \"%s\"}".formatted(target, action))));
    assertEquals(422, answer.statusCode(), answer.body());
    assertTrue(read(answer).getString("error").contains(why), answer.body());
  }

  private static JsonObject read(HttpResponse<String> answer) {
    return Json.createReader(new StringReader(answer.body())).readObject();
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + http + "/api/v1" + path);
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
  }
}
