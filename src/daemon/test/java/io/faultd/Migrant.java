package io.faultd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.client.Client;
import io.faultd.testing.TargetJvm;
import io.faultd.testing.Victim;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Types what docs/migration.md shows, with things of this node in the place of those of the page.
 *
 * <p>Orders are dry runs; there is an experiment, or a preparation, for what needs one.
 */
final class Migrant implements AutoCloseable {
  private static final String DRY_RUN =
      "{\"target\":\"cpu\",\"action\":\"fullload\",\"dryRun\":true}";

  private final int port;
  private final String tag = Victim.tag();
  private final Victim nginx = Victim.sleeping(tag);
  private final Victim victim = Victim.sleeping(Victim.tag());
  private final TargetJvm jvm = TargetJvm.of(17);
  private final HttpClient http = HttpClient.newHttpClient();
  private final Map<String, List<String>> fitting;
  private String uid = "";
  private int number;

  Migrant(Path home, int port) throws IOException {
    this.port = port;
    this.fitting =
        Map.of(
            "nginx", List.of(tag),
            "F", List.of(Files.writeString(home.resolve("f"), "x").toString()),
            "P", List.of(Integer.toString(jvm.pid())),
            "E", List.of("java.lang.IllegalStateException"),
            "I", List.of("0123456789ab"),
            "URL", List.of("http://127.0.0.1:1/"),
            "eth0", List.of("lo"));
  }

  /** Types a command line. */
  void command(String line) throws Exception {
    List<String> words = real(line);
    switch (words.getFirst()) {
      case "serve", "sweep", "--version" -> daemons(words);
      case "create" -> order(line, words);
      case "prepare", "revoke" -> preparation(line, words);
      default -> experiment(line, words);
    }
  }

  private List<String> real(String line) {
    return Arrays.stream(line.split(" ", -1)).flatMap(word -> real(word, line)).toList();
  }

  private Stream<String> real(String word, String line) {
    if (word.equals("...")) {
      String rest =
          line.contains("Exception")
              ? "--classname C --methodname m --pid " + jvm.pid()
              : "cpu load";
      return Stream.of(rest.split(" ", -1));
    }
    return word.equals("UID") ? Stream.of(uid) : fitting.getOrDefault(word, List.of(word)).stream();
  }

  /** What the daemon does itself. */
  private static void daemons(List<String> words) {
    List<Object> done = new ArrayList<>();
    int code =
        Commands.line(
                new SettingsReader(Map.of(), new Properties()),
                done::add,
                (settings, what) -> done.add(settings))
            .execute(words.toArray(String[]::new));
    assertEquals(0, code, words::toString);
    assertEquals(words.getFirst().startsWith("-") ? 0 : 1, done.size(), words::toString);
  }

  private void order(String line, List<String> words) {
    List<String> dry = new ArrayList<>(words);
    dry.add("--dry-run");
    if (line.contains("--container-id")) {
      // all of it is understood before the container is looked for
      String why = told(1, dry);
      assertTrue(why.contains("container"), why);
    } else {
      String plan = told(0, dry);
      assertTrue(plan.contains("undo   "), () -> line + ": " + plan);
    }
  }

  private void preparation(String line, List<String> words) {
    next();
    if (words.getFirst().equals("prepare")) {
      told(0, Stream.concat(words.stream(), Stream.of("--uid", uid)).toList());
      told(0, List.of("revoke", uid));
    } else {
      told(0, List.of("prepare", "jvm", "--pid", Integer.toString(jvm.pid()), "--uid", uid));
      told(0, real(line));
    }
  }

  private void experiment(String line, List<String> words) {
    broken();
    told(0, real(line));
    assertEquals(words.getFirst().equals("destroy"), victim.runs(), line);
    told(0, List.of("destroy", "--all"));
  }

  private void next() {
    uid = "row" + number++;
  }

  private void broken() {
    next();
    String pid = Integer.toString(victim.pid());
    told(
        0,
        List.of("create", "process", "stop", "--pid", pid, "--uid", uid, "--label", "NAME=VALUE"));
    assertEquals('T', victim.state());
  }

  private String told(int code, List<String> words) {
    StringWriter text = new StringWriter();
    Map<String, String> environment = Map.of("FAULTD_SERVER", "http://127.0.0.1:" + port);
    PrintWriter out = new PrintWriter(text);
    int ended =
        new Client(CommandSpec::create, (process, signal) -> {}, environment, out, out)
            .run(words.toArray(String[]::new));
    assertEquals(code, ended, () -> words + ": " + text);
    return text.toString();
  }

  /** Sends a request. */
  void request(String line) throws Exception {
    boolean preparation = line.contains("/preparations");
    boolean post = line.startsWith("POST ");
    if (preparation && !post) {
      next();
      told(0, List.of("prepare", "jvm", "--pid", Integer.toString(jvm.pid()), "--uid", uid));
    } else if (!post) {
      broken();
    } else {
      next();
    }
    String[] words =
        line.replaceAll("/(:uid|UID)", "/" + uid).replace("=UID", "=" + uid).split(" ", -1);
    String path = words[1].endsWith("/status") ? words[1] + "?type=create" : words[1];
    String body =
        !post
            ? ""
            : preparation
                ? "{\"type\":\"jvm\",\"pid\":%d,\"uid\":\"%s\"}".formatted(jvm.pid(), uid)
                : DRY_RUN;
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .header("Content-Type", "application/json")
            .method(words[0], HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    assertEquals(2, answer.statusCode() / 100, () -> line + ": " + answer.body());
    if (preparation) {
      told(0, List.of("revoke", uid));
    } else if (!post) {
      assertEquals(words[0].equals("DELETE"), victim.runs(), line);
      told(0, List.of("destroy", "--all"));
    }
  }

  @Override
  public void close() {
    http.close();
    jvm.close();
    victim.close();
    nginx.close();
  }
}
