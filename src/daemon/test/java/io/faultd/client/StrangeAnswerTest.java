package io.faultd.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Model.CommandSpec;

/** Answers of what is no daemon, and answers with what somebody on the node made up. */
class StrangeAnswerTest {
  private static final String JSON = "application/json";
  private static final String RECORD =
      "{\"status\":\"Success\",\"effect\":{\"state\":\"settled\"}}";

  /** Clears the screen in two ways, begins a line, turns the direction. */
  private static final String MADE_UP = "a\\u001b[2Jb\\u009b2Jc\\nd\\u202ee\\ud800";

  private static final Pattern UNSEEN = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}&&[^\\n]]");

  private final Map<String, Deque<Answer>> answers = new ConcurrentHashMap<>();
  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
  private final StringWriter out = new StringWriter();
  private HttpServer server;
  private Writer err = new StringWriter();

  @BeforeEach
  void listen() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.start();
  }

  @AfterEach
  void end() {
    server.stop(0);
  }

  @ParameterizedTest
  @CsvSource({
    "destroy x, DELETE, 302, text/html, <p>log in</p>",
    "create cpu fullload, POST, 302, text/html, <p>log in</p>",
    "watch x, GET, 302, text/html, <p>log in</p>",
    "revoke x, DELETE, 200, text/html, <p>log in</p>",
    "status, GET, 200, text/html, <p>log in</p>",
    "status, GET, 403, application/json, {\"error\":{\"code\":7}}",
  })
  void whatIsNoDaemonsAnswerIsNeverTakenForAYes(
      String line, String method, int status, String type, String body) {
    answer(method, status, type, body);
    assertEquals(4, run(line.split(" ", -1)), err::toString);
    assertTrue(err.toString().contains(status + ", but is no faultd"), err::toString);
    assertEquals("", out.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"Destroyed", "Error", ""})
  void whatIsNeitherInPlaceNorWillBeIsNoSuccess(String status) {
    answer("POST", 201, JSON, "{\"record\":{\"uid\":\"x\",\"status\":\"%s\"}}".formatted(status));
    assertEquals(2, run("create", "cpu", "fullload", "--uid=x", "--wait"), err::toString);
    assertEquals("faultd: it is not in place, but %s: \n".formatted(status), err.toString());
    assertEquals("", out.toString());
  }

  @Test
  void namesOfTheNodeDoNotReachTheTerminalAsTheyAre() {
    String plan =
        """
        {"plan":{"targets":[{"kind":"process","id":"7","name":"%1$s"}],"steps":["%1$s"],
        "conflicts":["%1$s"],"undo":"%1$s"}}\
        """
            .formatted(MADE_UP);
    answer("POST", 200, JSON, plan);
    assertEquals(0, run("create", "cpu", "fullload", "--dry-run"), err::toString);
    assertEquals(4, out.toString().lines().count(), out::toString);
    assertEquals("touches   process 7 (a [2Jb 2Jc d e )", out.toString().lines().findFirst().get());
    shown();

    String ended = "{\"status\":\"Destroyed\",\"error\":\"%s\"}".formatted(MADE_UP);
    answer("GET", 200, "text/event-stream", "id: 1\ndata: " + ended + "\n\n");
    answer("GET", 204, "", "");
    assertEquals(0, run("watch", "x"), err::toString);
    assertEquals(1, out.toString().lines().count(), out::toString);
    shown();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "7", "[]", "<p>log in</p>"})
  void anEventThatIsNoneIsAskedForAgain(String data) {
    String event = "id: 1\ndata: %s\n\n";
    answer("GET", 200, "text/event-stream", event.formatted(data));
    answer("GET", 200, "text/event-stream", event.formatted("{\"status\":\"Destroyed\"}"));
    answer("GET", 204, "", "");
    assertEquals(0, run("watch", "x"), err::toString);
    assertEquals(1, out.toString().lines().count(), out::toString);
  }

  @Test
  void whoSendsNothingButEventsThatAreNoneIsNoDaemon() {
    for (int i = 0; i < 100; i++) {
      answer("GET", 200, "text/event-stream", "data: {\n\n");
    }
    assertEquals(4, run("watch", "x", "--patience", "1s"), err::toString);
    assertTrue(err.toString().contains("an event has no record in it"), err::toString);
  }

  @Test
  void documentsAreTheSameToProgramsAndSilentToTerminals() {
    String document = "{\"result\":[{\"uid\":\"x\",\"error\":\"%s\"}]}".formatted(MADE_UP);
    answer("GET", 200, JSON, document);
    assertEquals(0, run("status", "-o", "json"), err::toString);
    assertEquals(json(document), json(out.toString()));
    shown();
  }

  @Test
  void anAnswerThatIsNoDaemonsDoesNotKeepTheFaultInPlace() {
    answer("POST", 201, JSON, "{\"record\":" + RECORD + "}");
    answer("GET", 403, JSON, "{\"error\":{\"code\":7}}");
    answer("GET", 200, JSON, RECORD);
    answer("DELETE", 200, JSON, "{\"result\":{}}");
    assertEquals(0, run("run", "cpu", "fullload", "--", "true"), err::toString);
    assertEquals(List.of("POST", "GET", "GET", "DELETE"), asked);
  }

  @Test
  void aMistakeOfTheClientsDoesNotKeepTheFaultInPlace() {
    err =
        new StringWriter() {
          @Override
          public void write(String text, int from, int length) {
            if (text.contains(" is in place (")) {
              throw new IllegalStateException("a mistake");
            }
            super.write(text, from, length);
          }
        };
    answer("POST", 201, JSON, "{\"record\":" + RECORD + "}");
    answer("DELETE", 200, JSON, "{\"result\":{}}");
    assertEquals(122, run("run", "cpu", "fullload", "--", "true"), err::toString);
    assertEquals(List.of("POST", "DELETE"), asked);
    assertTrue(err.toString().contains("a mistake"), err::toString);
    assertTrue(err.toString().contains("the fault is taken back"), err::toString);
  }

  private void shown() {
    assertFalse(UNSEEN.matcher(out.toString()).find(), out::toString);
    out.getBuffer().setLength(0);
  }

  private static JsonObject json(String text) {
    return Json.createReader(new StringReader(text)).readObject();
  }

  private int run(String... line) {
    return new Client(
            CommandSpec::create,
            (process, signal) -> {},
            Map.of("FAULTD_SERVER", "http://127.0.0.1:" + server.getAddress().getPort()),
            new PrintWriter(out),
            new PrintWriter(err))
        .run(line);
  }

  /** The next answer to requests of a method. */
  private void answer(String method, int status, String type, String body) {
    answers.computeIfAbsent(method, none -> new ArrayDeque<>()).add(new Answer(status, type, body));
  }

  private void handle(HttpExchange exchange) throws IOException {
    exchange.getRequestBody().readAllBytes();
    asked.add(exchange.getRequestMethod());
    Answer answer = answers.get(exchange.getRequestMethod()).remove();
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", answer.type());
    exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private record Answer(int status, String type, String body) {}
}
