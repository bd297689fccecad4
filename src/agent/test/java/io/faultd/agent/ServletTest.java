package io.faultd.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.agent.testing.TargetJvm;
import io.faultd.agent.testing.TargetJvm.Reply;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rules about requests to servlets, in servers of both packages, old and new. */
class ServletTest {
  @ParameterizedTest
  @CsvSource({
    "tomcat-8.5, JavaxServlet",
    "jetty-9.4, JavaxServlet",
    "tomcat-11, JakartaServlet",
    "jetty-12.1, JakartaServlet"
  })
  void requestsAreDelayedThrownAtAndAnswered(String library, String servlet) throws Exception {
    try (TargetJvm jvm =
        TargetJvm.with(
            TargetJvm.home(),
            library,
            "-Xverify:all",
            "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED")) {
      Reply early = add(jvm, "modifyCode", "code=503", "method=post");
      assertEquals("waiting", early.get("state"), early.toString());
      String server = library.substring(0, library.indexOf('-'));
      String port = jvm.run("serve " + server + " " + servlet).get("port");
      Client client = new Client("http://127.0.0.1:" + port + "/app");

      assertEquals("200 got /app/a", client.get("/a"));
      assertEquals("armed", jvm.ask("list").item("state"));
      assertEquals("503", client.post("/a").substring(0, 3));
      assertEquals("1", jvm.ask("remove", "rule=rule").get("hits"));
      assertEquals("200 got /app/a with x=1", client.post("/a"));

      matchersAreAllOfThem(jvm, client);
      aFormIsLeftToTheApplication(jvm, client);
      delaysAndThrows(jvm, client);
    }
  }

  private static void matchersAreAllOfThem(TargetJvm jvm, Client client) throws Exception {
    String[][] all = {
      {"requestpath=/a/b", "/a/b", "/a/bc"},
      {"requestpath-regex-pattern=/a/[0-9]+", "/a/12", "/a/12x"},
      {"requestpath=/app/A/b", "/a/b", "/a/bc"},
      {"requestpath-regex-pattern=/app/a/[0-9]+", "/a/12", "/a/12x"},
      {"querystring-regex-pattern=b=[0-9]+&a=x.*", "/q?a=xy&c=3&b=21", "/q?a=xy&b=z"},
      {"querystring=b=2&a=1", "/q?a=1&c=3&b=2", "/q?a=1&c=3&b=23"},
      {"querystring-regex-pattern=a=.*", "/q?a=7", "/q?ba=7"},
      {
        "b-params={\"pattern\":\"and\",\"params\":[{\"key\":\"user\",\"value\":\"7\"}]}",
        "/u?7",
        "/u?8"
      },
    };
    for (String[] each : all) {
      assertEquals("armed", add(jvm, "modifyCode", "code=418", each[0], "method=GET").get("state"));
      assertEquals("418", client.get(each[1]).substring(0, 3), each[0]);
      assertEquals("200", client.get(each[2]).substring(0, 3), each[0]);
      assertEquals("200", client.post(each[1]).substring(0, 3), each[0]);
      assertEquals("1", jvm.ask("remove", "rule=rule").get("hits"), each[0]);
    }
    Reply bad = add(jvm, "delay", "time=1", "requestpath-regex-pattern=(");
    assertEquals("illegal requestpath-regex-pattern", bad.get("kind") + " " + bad.get("flag"));
    Reply unknown = add(jvm, "delay", "time=1", "path=/a");
    assertEquals("illegal path", unknown.get("kind") + " " + unknown.get("flag"));
    assertEquals("illegal", add(jvm, "delay", "time=1", "b-params={}").get("kind"));
  }

  private static void aFormIsLeftToTheApplication(TargetJvm jvm, Client client) throws Exception {
    add(jvm, "modifyCode", "code=418", "querystring=x=1");
    assertEquals("200 got /app/a with x=1", client.post("/a"));
    assertEquals("418", client.post("/a?x=1").substring(0, 3));
    assertEquals("1", jvm.ask("remove", "rule=rule").get("hits"));
  }

  private static void delaysAndThrows(TargetJvm jvm, Client client) throws Exception {
    add(jvm, "delay", "time=200", "requestpath=/slow");
    long start = System.nanoTime();
    assertEquals("200 got /app/slow", client.get("/slow"));
    assertTrue(System.nanoTime() - start >= 200_000_000L);
    assertEquals("1", jvm.ask("remove", "rule=rule").get("hits"));
    add(jvm, "throwCustomException", "exception=java.io.IOException", "effect-count=1");
    assertEquals("500", client.get("/a").substring(0, 3));
    assertEquals("200 got /app/a", client.get("/a"));
    assertEquals("1", jvm.ask("remove", "rule=rule").get("hits"));
  }

  private static Reply add(TargetJvm jvm, String action, String... more) throws IOException {
    List<String> fields =
        new ArrayList<>(List.of("rule=rule", "target=servlet", "action=" + action));
    fields.addAll(List.of(more));
    return jvm.ask("add", fields.toArray(new String[0]));
  }

  /** Asks; the header {@code user} is what stands behind the question mark. */
  private static final class Client {
    private final HttpClient client = HttpClient.newHttpClient();
    private final String base;

    Client(String base) {
      this.base = base;
    }

    String get(String path) throws Exception {
      return send(request(path));
    }

    String post(String path) throws Exception {
      return send(
          request(path)
              .header("Content-Type", "application/x-www-form-urlencoded")
              .POST(HttpRequest.BodyPublishers.ofString("x=1")));
    }

    private HttpRequest.Builder request(String path) {
      return HttpRequest.newBuilder(URI.create(base + path))
          .header("user", path.substring(path.indexOf('?') + 1));
    }

    private String send(HttpRequest.Builder request) throws Exception {
      HttpResponse<String> response =
          client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      return response.statusCode() + " " + response.body();
    }
  }
}
