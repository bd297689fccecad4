package io.faultd.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.access.Admission;
import io.faultd.access.Caller;
import io.faultd.access.Role;
import io.faultd.experiment.Residue;
import io.faultd.experiment.Status;
import io.helidon.webserver.WebServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EventsTest {
  private static final String PATH = "/api/v1/experiments/u/events";
  private Served served;

  @BeforeEach
  void start() throws Exception {
    served = new Served();
    served.send("POST", "/api/v1/experiments", "{\"target\":\"a\",\"action\":\"b\",\"uid\":\"u\"}");
  }

  @AfterEach
  void stop() {
    served.close();
  }

  @Test
  void thePresentStateComesFirstAndThenEachChangeUntilTheEnd() throws Exception {
    try (Stream stream = new Stream(served.port(), "")) {
      List<String> first = stream.event();
      assertEquals("id:1", first.get(0));
      assertEquals("event:state", first.get(1));
      assertEquals("Success", status(first));
      served.experiments.move("u", Status.SUCCESS, List.of());
      assertEquals("id:2", stream.event().get(0));
      served.experiments.move("u", Status.DESTROYED, List.of());
      assertEquals("Destroyed", status(stream.event()));
      assertEquals(List.of(), stream.event(), "the stream ends with the experiment");
    }
  }

  @Test
  void ofOneThatIsLostWhatIsLeftAndTheEndAreToldToo() throws Exception {
    served.experiments.undoing.add("u");
    try (Stream stream = new Stream(served.port(), "Last-Event-ID: 1\r\n")) {
      served.experiments.move("u", Status.ERROR, List.of());
      assertEquals("Error", status(stream.event()));
      try (Stream resumed = new Stream(served.port(), "Last-Event-ID: 2\r\n")) {
        Residue left = new Residue("mode of /x", Instant.now(), 1, "EPERM");
        served.experiments.move("u", Status.ERROR, List.of(left));
        assertTrue(stream.event().toString().contains("mode of /x"));
        served.experiments.move("u", Status.DESTROYED, List.of());
        assertEquals("id:3", resumed.event().get(0));
        assertEquals("Destroyed", status(resumed.event()));
      }
      assertEquals("Destroyed", status(stream.event()));
      served.experiments.undoing.clear();
      assertEquals(List.of(), stream.event());
    }
  }

  @Test
  void aStreamIsResumedBehindTheLastId() throws Exception {
    served.experiments.move("u", Status.SUCCESS, List.of());
    served.experiments.move("u", Status.ERROR, List.of());
    served.experiments.move("u", Status.DESTROYED, List.of());
    try (Stream stream = new Stream(served.port(), "Last-Event-ID: 2\r\n")) {
      assertEquals("id:3", stream.event().get(0));
    }
    try (Stream stream = new Stream(served.port(), "Last-Event-ID: 3\r\n")) {
      assertEquals("id:4", stream.event().get(0));
      assertEquals(List.of(), stream.event());
    }
  }

  @Test
  void afterTheEndThereIsNothingToComeBackFor() throws Exception {
    served.experiments.move("u", Status.DESTROYED, List.of());
    HttpResponse<String> over = served.send("GET", PATH, null, "Last-Event-ID", "2");
    assertEquals(204, over.statusCode());
    HttpResponse<String> anew = served.send("GET", PATH, null);
    assertEquals(200, anew.statusCode());
    assertTrue(anew.headers().firstValue("Content-Type").orElse("").contains("event-stream"));
    assertTrue(anew.body().contains("Destroyed"), anew.body());
  }

  @Test
  void anIdOfAnotherDataFolderBeginsAnew() throws Exception {
    try (Stream stream = new Stream(served.port(), "Last-Event-ID: 999\r\n")) {
      assertEquals("id:1", stream.event().get(0));
    }
  }

  @Test
  void whatIsNoIdIsRefused() throws Exception {
    assertEquals(400, served.send("GET", PATH, null, "Last-Event-ID", "x").statusCode());
    HttpResponse<String> json = served.send("GET", PATH, null, "Accept", "application/json");
    assertNotEquals(200, json.statusCode());
    assertTrue(json.statusCode() < 500, json.body());
  }

  @Test
  void aStreamIsServedOverHttp2() throws Exception {
    Process curl =
        new ProcessBuilder(
                "curl",
                "-sN",
                "--http2-prior-knowledge",
                "http://127.0.0.1:" + served.port() + PATH)
            .start();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(curl.getInputStream(), StandardCharsets.UTF_8))) {
      assertEquals("id:1", lines.readLine());
      served.experiments.move("u", Status.DESTROYED, List.of());
      assertTrue(lines.lines().toList().toString().contains("Destroyed"));
      assertEquals(0, curl.waitFor());
    }
  }

  @Test
  void aStreamOnWhichNothingHappensIsKeptAlive() throws Exception {
    Events events = new Events(() -> served.experiments, Duration.ofMillis(50));
    WebServer server =
        WebServer.builder()
            .host("127.0.0.1")
            .shutdownHook(false)
            .routing(routing ->
                routing
                    .addFilter((chain, req, res) -> {
                      Caller root = new Caller("root", Role.ADMIN, "", Set.of(), Set.of());
                      Callers.are(req, root, () -> new Admission.Admitted(root));
                      chain.proceed();
                    })
                    .get("/api/v1/experiments/{uid}/events", events))
            .build()
            .start();
    try (Stream stream = new Stream(server.port(), "")) {
      assertEquals("id:1", stream.event().get(0));
      for (int i = 0; i < 3; i++) {
        assertEquals(": alive", stream.comment());
      }
      served.experiments.move("u", Status.DESTROYED, List.of());
      assertEquals("Destroyed", status(stream.event()));
    } finally {
      server.stop();
    }
  }

  private static String status(List<String> event) {
    String data = event.stream().filter(line -> line.startsWith("data:")).findFirst().orElse("");
    return Served.json(data.substring("data:".length())).getString("status");
  }

  /** A client of a stream, line by line. */
  private static final class Stream implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader in;

    Stream(int port, String headers) throws IOException {
      socket = new Socket("127.0.0.1", port);
      socket.setSoTimeout(5_000);
      String request =
          "GET "
              + PATH
              + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
              + headers
              + "\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    /** The lines of the next event; none at the end. */
    List<String> event() throws IOException {
      List<String> lines = new ArrayList<>();
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        // all else is HTTP: headers, sizes of chunks
        if (line.startsWith("id:") || line.startsWith("event:")) {
          lines.add(line);
        } else if (line.startsWith("data:")) {
          lines.add(line);
          return lines;
        }
      }
      return lines;
    }

    /** The next comment; empty at the end. */
    String comment() throws IOException {
      String line = in.readLine();
      while (line != null && !line.startsWith(":")) {
        line = in.readLine();
      }
      return line == null ? "" : line;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
