package io.faultd.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.faultd.testing.Launcher;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of a command whose answer nobody gets. */
@Timeout(60)
class OutputTest {
  private static final String RECORD =
      "{\"status\":\"Success\",\"effect\":{\"state\":\"settled\"}}";

  @TempDir private Path home;
  private final CountDownLatch read = new CountDownLatch(1);
  private final CountDownLatch over = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private HttpServer server;
  private Path launcher;

  @BeforeEach
  void listen() throws IOException {
    launcher = Launcher.install(home);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/api/v1/status", this::list);
    server.createContext("/api/v1/experiments/", this::events);
    server.start();
  }

  @AfterEach
  void end() {
    over.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private void list(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    byte[] body = ("{\"result\":[" + RECORD + "]}").getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  /** Two changes: the second when the first was read; then silence. */
  private void events(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    byte[] event = ("id: 1\ndata: " + RECORD + "\n\n").getBytes(StandardCharsets.UTF_8);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(event);
      out.flush();
      read.await();
      out.write(event);
      out.flush();
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private ProcessBuilder faultd(String... arguments) {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectError(home.resolve("err").toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("FAULTD_"));
    builder.environment().put("FAULTD_SERVER", "http://127.0.0.1:" + server.getAddress().getPort());
    return builder;
  }

  private void assertTold() throws IOException {
    String err = Files.readString(home.resolve("err"));
    assertEquals(
        "faultd: standard output cannot be written: it is full, or nobody reads it\n", err);
  }

  @ParameterizedTest
  @CsvSource({
    "5, status",
    "5, status -o json",
    "5, completion bash",
    "5, status --help",
    "122, run --help",
    "1, --help",
    "1, --version",
  })
  void whatCannotBeWrittenIsAFailure(int code, String arguments) throws Exception {
    Process client = faultd(arguments.split(" ", -1)).redirectOutput(new File("/dev/full")).start();
    assertEquals(code, client.waitFor());
    assertTold();
  }

  @Test
  void whoWatchesEndsWhenNobodyReads() throws Exception {
    Process client = faultd("watch", "x").start();
    try (BufferedReader lines = client.inputReader()) {
      assertTrue(lines.readLine().contains("Success"));
    }
    read.countDown();
    try {
      assertTrue(client.waitFor(20, TimeUnit.SECONDS), "it watches on");
      assertEquals(5, client.exitValue());
      assertTold();
    } finally {
      client.destroyForcibly().waitFor();
    }
  }
}
