package io.faultd.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How near {@code cpu fullload} comes to what was asked, by the kernel's own count, beside
 * stress-ng in the same run; and the interface while all processors are burnt.
 *
 * <p>{@code java -cp src/bench/target/bench.jar io.faultd.bench.Cpu one|all|busy}
 */
public final class Cpu {
  private static final int[] PERCENT = {10, 30, 50, 70, 90};
  private static final long SETTLE_SECONDS = 3;
  private static final long WINDOW_SECONDS = 10;
  private static final int CALLS = 300;

  private Cpu() {}

  /**
   * Prints what was seen.
   *
   * @param args one: processor 0; all: all of them together; busy: the interface
   */
  public static void main(String[] args) throws Exception {
    try (Subject subject = Subject.started(Subject.LAUNCHER, List.of());
        RestClient client = new RestClient(subject.http())) {
      if (args[0].equals("busy")) {
        busy(client);
      } else {
        accuracy(client, args[0].equals("one"));
      }
    }
  }

  private static void accuracy(RestClient client, boolean one) throws Exception {
    List<Double> ours = new ArrayList<>();
    List<Double> theirs = new ArrayList<>();
    System.out.printf(Locale.ROOT, "before: %.1f %% busy%n", shown(one));
    for (int percent : PERCENT) {
      String flags = "{\"cpu-percent\": %d%s}".formatted(percent, one ? ",\"cpu-list\":\"0\"" : "");
      String uid = client.create("cpu", "fullload", flags);
      double faultd = settled(one);
      client.destroy(uid);
      Process other = new ProcessBuilder(stress(percent, one)).start();
      double stress = settled(one);
      other.destroy();
      other.waitFor();
      System.out.printf(
          Locale.ROOT, "%d %% asked: faultd %.2f  stress-ng %.2f%n", percent, faultd, stress);
      ours.add(Math.abs(faultd - percent));
      theirs.add(Math.abs(stress - percent));
    }
    System.out.println("faultd    " + errors(ours));
    System.out.println("stress-ng " + errors(theirs));
  }

  private static List<String> stress(int percent, boolean one) {
    List<String> command = new ArrayList<>(one ? List.of("taskset", "-c", "0") : List.of());
    String count = one ? "1" : Integer.toString(Runtime.getRuntime().availableProcessors());
    command.addAll(List.of("stress-ng", "--quiet", "--cpu", count));
    command.addAll(List.of("--cpu-load", Integer.toString(percent)));
    return command;
  }

  private static String errors(List<Double> errors) {
    return String.format(
        Locale.ROOT,
        "mean error %.2f points, worst %.2f",
        errors.stream().mapToDouble(Double::doubleValue).average().orElse(0),
        errors.stream().mapToDouble(Double::doubleValue).max().orElse(0));
  }

  private static double settled(boolean one) throws IOException {
    pause(SETTLE_SECONDS);
    return shown(one);
  }

  /** What proc_stat(5) counts as busy within the window, in percent. */
  private static double shown(boolean one) throws IOException {
    long[] before = ticks(one);
    pause(WINDOW_SECONDS);
    long[] after = ticks(one);
    double all = after[0] - before[0];
    return 100 * (all - (after[1] - before[1])) / all;
  }

  /** All ticks but stolen ones, and the idle ones, of processor 0 or of all. */
  private static long[] ticks(boolean one) throws IOException {
    String line = Files.readAllLines(Path.of("/proc/stat")).get(one ? 1 : 0);
    long[] columns =
        Arrays.stream(line.split(" +", -1)).skip(1).limit(7).mapToLong(Long::parseLong).toArray();
    return new long[] {Arrays.stream(columns).sum(), columns[3] + columns[4]};
  }

  private static void pause(long seconds) {
    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(seconds));
  }

  private static void busy(RestClient client) throws Exception {
    Process victim = new ProcessBuilder("sleep", "1000").start();
    try {
      String flags = "{\"pid\": %d}".formatted(victim.pid());
      print("idle", client, flags);
      String load = client.create("cpu", "fullload", "{\"cpu-percent\": 100}");
      pause(SETTLE_SECONDS);
      print("burnt", client, flags);
      client.destroy(load);
    } finally {
      victim.destroyForcibly().waitFor();
    }
  }

  private static void print(String node, RestClient client, String flags) throws Exception {
    long[] creates = new long[CALLS];
    long[] destroys = new long[CALLS];
    for (int i = 0; i < CALLS; i++) {
      long begin = System.nanoTime();
      String uid = client.create("process", "stop", flags);
      long created = System.nanoTime();
      client.destroy(uid);
      creates[i] = created - begin;
      destroys[i] = System.nanoTime() - created;
    }
    System.out.println(node + " process stop create  " + new Figures(creates));
    System.out.println(node + " process stop destroy " + new Figures(destroys));
  }
}
