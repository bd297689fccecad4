package io.faultd.jvm;

import io.faultd.testing.Victim;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A JVM with a library of those that the agent's own tests are run on, to be harmed. */
final class LibraryJvm implements AutoCloseable {
  private static final Path AGENT = Path.of(System.getProperty("faultd.root"), "src/agent/target");

  private static final String TARGET = "io.faultd.targets.Target";

  private final Victim process;
  private final Path folder;
  private String base = "";

  private LibraryJvm(String... arguments) throws IOException {
    // what a server makes for itself it cannot remove when it is killed
    folder = Files.createTempDirectory("faultd-library");
    process =
        Victim.started(
            Stream.concat(
                    Stream.of(
                        System.getProperty("java.home") + "/bin/java",
                        "-Djava.io.tmpdir=" + folder,
                        "-Xmx128m",
                        "-XX:+UseSerialGC"),
                    Stream.of(arguments))
                .toArray(String[]::new));
  }

  /** One of a library in a version, with nothing of it loaded yet. */
  static LibraryJvm of(String library) throws IOException {
    String jars;
    try (Stream<Path> all = Files.list(AGENT.resolve("libraries").resolve(library))) {
      jars = all.map(Path::toString).sorted().collect(Collectors.joining(File.pathSeparator));
    }
    LibraryJvm jvm =
        new LibraryJvm(
            "-Xverify:all",
            "-XX:TieredStopAtLevel=1",
            "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
            "-cp",
            jars + File.pathSeparator + AGENT.resolve("test-classes"),
            TARGET);
    jvm.answer();
    return jvm;
  }

  /** One without any. */
  static LibraryJvm plain() throws IOException {
    LibraryJvm jvm = new LibraryJvm("-cp", AGENT.resolve("test-classes").toString(), TARGET);
    jvm.answer();
    return jvm;
  }

  int pid() {
    return process.pid();
  }

  /** Has it do something; what it says of it. */
  Map<String, String> run(String command) throws IOException {
    process.tell(command);
    return answer();
  }

  private Map<String, String> answer() throws IOException {
    String line = process.line();
    while (line != null && !line.contains("=")) {
      line = process.line();
    }
    Map<String, String> answer = new LinkedHashMap<>();
    for (String part : List.of(String.valueOf(line).split("\t", -1))) {
      int equals = part.indexOf('=');
      answer.put(part.substring(0, equals), part.substring(equals + 1));
    }
    return answer;
  }

  /** Starts a server in it, of the library that it has: tomcat or jetty. */
  void serve(String library) throws IOException {
    String server = library.substring(0, library.indexOf('-'));
    boolean jakarta = List.of("tomcat-11", "jetty-12.1").contains(library);
    String port =
        run("serve " + server + (jakarta ? " JakartaServlet" : " JavaxServlet")).get("port");
    base = "http://127.0.0.1:" + port + "/app";
  }

  /** The status and the body that it answers; the header {@code user} is what follows a #. */
  String request(String method, String path) {
    int user = path.indexOf('#');
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + (user < 0 ? path : path.substring(0, user))))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (user >= 0) {
      request.header("user", path.substring(user + 1));
    }
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> response =
          client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      return response.statusCode() + " " + response.body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The status of its answer. */
  int status(String method, String path) {
    return Integer.parseInt(request(method, path).substring(0, 3));
  }

  /** How many milliseconds its answer takes; it is a good one. */
  long millis(String path) {
    long begin = System.nanoTime();
    String answer = request("GET", path);
    long millis = (System.nanoTime() - begin) / 1_000_000;
    if (!answer.equals("200 got /app" + path.replaceAll("[?#].*", ""))) {
      throw new AssertionError(answer);
    }
    return millis;
  }

  /** What a statement gives, and how many milliseconds it takes. */
  Map<String, String> sql(String statement) throws IOException {
    return run("sql " + statement);
  }

  @Override
  public void close() {
    process.close();
    try {
      List<Path> left;
      try (Stream<Path> all = Files.walk(folder)) {
        left = all.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path each : left) {
        Files.delete(each);
      }
      // HotSpot leaves it when it is killed
      Files.deleteIfExists(Path.of("/tmp/.java_pid" + pid()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A PostgreSQL server of this machine's packages. */
  static final class Postgres implements AutoCloseable {
    private final Victim process;
    private final String url;

    private Postgres(Victim process) throws IOException {
      this.process = process;
      this.url = process.line();
    }

    static Postgres start() throws IOException {
      return new Postgres(
          Victim.started(
              System.getProperty("java.home") + "/bin/java",
              "-cp",
              AGENT.resolve("test-classes").toString(),
              "io.faultd.agent.testing.Postgres"));
    }

    String url() {
      return url;
    }

    String port() {
      return Integer.toString(URI.create(url.substring("jdbc:".length())).getPort());
    }

    @Override
    public void close() throws Exception {
      process.endInput();
      process.ended();
    }
  }
}
