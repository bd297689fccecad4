package io.faultd.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * One experiment with a step for each of many processes: {@code process stop} of so many that
 * sleep, started here and ended with it. First for the times, then under strace for how often it
 * syncs.
 *
 * <p>{@code java -cp src/bench/target/bench.jar io.faultd.bench.Many [PROCESSES] [RUNS]}
 */
public final class Many {
  private static final String NAME = "faultd-many";

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private Many() {}

  /**
   * Prints what it took.
   *
   * @param args how many processes, default 5000, and how often, default 4
   */
  public static void main(String[] args) throws Exception {
    int processes = args.length > 0 ? Integer.parseInt(args[0]) : 5_000;
    int runs = args.length > 1 ? Integer.parseInt(args[1]) : 4;
    Path place = Places.make("many");
    try (Crowd crowd = Crowd.sleeping(place, processes)) {
      try (Subject subject = Subject.started(Subject.LAUNCHER, List.of())) {
        new Many().run(subject, crowd, runs, place.resolve("none"));
        System.out.printf(Locale.ROOT, "resident %.0f MB%n", subject.resident());
      }
      Path syncs = place.resolve("syncs");
      List<String> strace =
          List.of("strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=fsync,fdatasync");
      List<String> under = new ArrayList<>(strace);
      under.addAll(List.of("-o", syncs.toString()));
      try (Subject subject = Subject.started(Subject.LAUNCHER, under)) {
        new Many().run(subject, crowd, 2, syncs);
      }
    } finally {
      Places.delete(place);
    }
  }

  private void run(Subject subject, Crowd crowd, int runs, Path syncs) throws Exception {
    for (int i = 0; i < runs; i++) {
      long before = lines(syncs);
      long begin = System.nanoTime();
      String path = create(subject.http());
      long created = System.nanoTime();
      long inPlace = lines(syncs);
      crowd.await(true);
      long destroying = System.nanoTime();
      destroy(subject.http(), path);
      long destroyed = System.nanoTime();
      crowd.await(false);
      System.out.printf(
          Locale.ROOT,
          "%d processes: create %5.0f ms, %d syncs; destroy %5.0f ms, %d syncs%s%n",
          crowd.size(),
          (created - begin) / 1e6,
          inPlace - before,
          (destroyed - destroying) / 1e6,
          lines(syncs) - inPlace,
          Files.exists(syncs) ? " (traced)" : " (not counted)");
    }
  }

  private String create(int port) throws IOException, InterruptedException {
    String body =
        "{\"target\":\"process\",\"action\":\"stop\",\"flags\":{\"process-cmd\":\"%s\"}}"
            .formatted(NAME);
    return sent(port, "/api/v1/experiments", "POST", body)
        .headers()
        .firstValue("Location")
        .orElseThrow();
  }

  private void destroy(int port, String path) throws IOException, InterruptedException {
    HttpResponse<String> answer = sent(port, path, "DELETE", "");
    while (answer.statusCode() == 202) {
      answer = sent(port, path, "DELETE", "");
    }
  }

  private HttpResponse<String> sent(int port, String path, String method, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() >= 300) {
      throw new IOException(answer.statusCode() + ": " + answer.body());
    }
    return answer;
  }

  private static long lines(Path file) throws IOException {
    if (!Files.exists(file)) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(file)) {
      return lines.filter(line -> line.contains("sync(")).count();
    }
  }

  /** Processes that sleep, in a session of their own that ends as a whole. */
  private record Crowd(Process shell, List<Path> stats) implements AutoCloseable {
    static Crowd sleeping(Path place, int howMany) throws IOException, InterruptedException {
      Path name = Files.createSymbolicLink(place.resolve(NAME), Path.of("/bin/sleep"));
      String script =
          "i=0; while [ $i -lt %d ]; do %s 900 & i=$((i+1)); done; wait".formatted(howMany, name);
      Process shell = new ProcessBuilder("setsid", "/bin/sh", "-c", script).start();
      List<Path> stats = List.of();
      while (stats.size() < howMany && shell.isAlive()) {
        TimeUnit.MILLISECONDS.sleep(100);
        stats =
            shell
                .children()
                .map(child -> Path.of("/proc/" + child.pid() + "/stat"))
                .filter(stat -> text(stat).contains("(" + NAME + ")"))
                .toList();
      }
      return new Crowd(shell, stats);
    }

    int size() {
      return stats.size();
    }

    /** Waits until all are stopped, or none. */
    void await(boolean stopped) {
      while (!stats.stream().allMatch(stat -> text(stat).contains(") T ") == stopped)) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
      }
    }

    private static String text(Path stat) {
      try {
        return Files.readString(stat);
      } catch (IOException gone) {
        return "";
      }
    }

    @Override
    public void close() throws IOException, InterruptedException {
      new ProcessBuilder("kill", "-KILL", "--", "-" + shell.pid()).start().waitFor();
      shell.waitFor();
      while (stats.stream().anyMatch(stat -> text(stat).contains("(" + NAME + ")"))) {
        LockSupport.parkNanos(
            TimeUnit.MILLISECONDS.toNanos(5)); // until the first process reaps them
      }
    }
  }
}
