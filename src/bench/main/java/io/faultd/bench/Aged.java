package io.faultd.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;

/**
 * The same requests, and starts, with few records and with many that have ended.
 *
 * <p>{@code java -cp src/bench/target/bench.jar io.faultd.bench.Aged [RECORDS]}
 */
public final class Aged {
  private static final int RECORDS = 10_000;
  private static final int FEW = 1_000;
  private static final int CALLS = 400;
  private static final int STARTS = 7;

  private final Subject subject;
  private final String victim;
  private final Map<String, StringBuilder> lines = new LinkedHashMap<>();

  private Aged(Subject subject, String victim) {
    this.subject = subject;
    this.victim = victim;
  }

  /**
   * Prints both.
   *
   * @param args how many are many, default 10,000
   */
  public static void main(String[] args) throws Exception {
    int records = args.length > 0 ? Integer.parseInt(args[0]) : RECORDS;
    Path place = Places.make("aged");
    String victim = Files.createFile(place.resolve("victim")).toString();
    try (Subject subject = Subject.started(Map.of())) {
      Aged aged = new Aged(subject, victim);
      aged.live(FEW); // and compiled
      aged.measure();
      aged.live(records);
      aged.measure();
      System.out.printf(Locale.ROOT, "after %d lives, and after %d more:%n", FEW, records);
      aged.lines.forEach((what, figures) -> System.out.printf("%-28s %s%n", what, figures));
    } finally {
      Places.delete(place);
    }
  }

  private void live(int howOften) throws IOException {
    try (RestClient client = new RestClient(subject.http())) {
      for (int i = 0; i < howOften; i++) {
        client.destroy(client.create(victim));
      }
    }
  }

  private void measure() throws IOException {
    double[] starts = new double[STARTS];
    for (int i = 0; i < STARTS; i++) {
      subject.restart();
      starts[i] = subject.milliseconds();
    }
    double median = DoubleStream.of(starts).sorted().skip(STARTS / 2).findFirst().orElse(0);
    add("start, median of " + STARTS, String.format(Locale.ROOT, "%6.0f ms", median));
    live(FEW); // compiled again
    try (RestClient client = new RestClient(subject.http())) {
      long[] creates = new long[CALLS];
      long[] destroys = new long[CALLS];
      String uid = "";
      for (int i = 0; i < CALLS; i++) {
        long begin = System.nanoTime();
        uid = client.create(victim);
        long created = System.nanoTime();
        client.destroy(uid);
        creates[i] = created - begin;
        destroys[i] = System.nanoTime() - created;
      }
      add("create", figures(creates));
      add("destroy", figures(destroys));
      time(client, "one that has ended", "experiments/" + uid);
      time(client, "status of it", "status?uid=" + uid);
      time(client, "list of 20", "status?type=create&limit=20");
      time(client, "list of what is in place", "status?type=create&status=Success");
      time(client, "list of failures", "status?type=create&status=Error");
      time(client, "list by label", "status?type=create&label=a=b");
    }
  }

  private void time(RestClient client, String what, String path) throws IOException {
    long[] nanos = new long[CALLS];
    for (int i = 0; i < CALLS; i++) {
      long begin = System.nanoTime();
      client.get(path);
      nanos[i] = System.nanoTime() - begin;
    }
    add(what, figures(nanos));
  }

  private void add(String what, String figures) {
    lines
        .computeIfAbsent(what, name -> new StringBuilder())
        .append(String.format("  |  %-22s", figures));
  }

  private static String figures(long[] nanos) {
    Figures figures = new Figures(nanos);
    return String.format(
        Locale.ROOT, "%6.2f / %6.2f ms", figures.quantile(0.5), figures.quantile(0.99));
  }
}
