package io.faultd.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToDoubleFunction;

/**
 * The packaged daemon from exec to ready, and its memory when idle, with several sets of flags.
 *
 * <p>{@code java -cp src/bench/target/bench.jar io.faultd.bench.Start [RUNS [SET...]]}, after
 * {@code deploy/faultd archive}
 */
public final class Start {
  private static final Map<String, String> SETS = new LinkedHashMap<>();

  /** What the C library keeps is asked for every 3 s. */
  private static final long IDLE_SECONDS = 7;

  private static final int WINDOWS = 7;
  private static final long WINDOW_SECONDS = 10;

  static {
    SETS.put("launcher", Subject.LAUNCHER);
    // one thing differs in each
    without("archive", Subject.ARCHIVE, "");
    without("serial", "-XX:+UseSerialGC", "-XX:+UseG1GC");
    without("C1", "-XX:TieredStopAtLevel=1", "");
    without("Xms8m", "-Xms8m", "");
    without("Xmx96m", "-Xmx96m", "-Xmx64m");
    without("Xss512k", "-Xss512k", "");
    without("ratios", "-XX:MinHeapFreeRatio=10 -XX:MaxHeapFreeRatio=20 -XX:-ShrinkHeapInSteps", "");
    without("trim", "-XX:TrimNativeHeapInterval=3000", "");
    SETS.put("none", "");
  }

  private Start() {}

  private static void without(String name, String flag, String instead) {
    SETS.put(name, Subject.LAUNCHER.replace(flag, instead).replaceAll(" +", " ").strip());
  }

  /**
   * Prints a table.
   *
   * @param args how many runs each, default 10; and which sets, default all
   */
  public static void main(String[] args) throws Exception {
    int runs = args.length > 0 ? Integer.parseInt(args[0]) : 10;
    if (args.length > 1) {
      SETS.keySet().retainAll(List.of(args).subList(1, args.length));
    }
    try (Subject idle = Subject.started(Subject.LAUNCHER, List.of())) { // files into the page cache
      pause(IDLE_SECONDS);
      double[] percent = idlePercent(idle);
      System.out.printf(
          Locale.ROOT,
          "idle for a minute: %.2f %% of a processor, %.2f %% in the worst %d s%n",
          percent[percent.length / 2],
          percent[percent.length - 1],
          WINDOW_SECONDS);
    }
    Map<String, List<Run>> seen = new LinkedHashMap<>();
    for (int i = 0; i < runs; i++) {
      // in turns, so that what else the machine does meets all alike
      for (Map.Entry<String, String> set : SETS.entrySet()) {
        seen.computeIfAbsent(set.getKey(), name -> new ArrayList<>()).add(once(set.getValue()));
      }
    }
    seen.forEach((name, all) ->
        System.out.printf(
            Locale.ROOT,
            "%-9s ready %5.0f ms (best %.0f)  CPU until ready %5.0f ms  idle RSS %5.1f MiB%n",
            name,
            median(all, Run::milliseconds),
            all.stream().mapToDouble(Run::milliseconds).min().orElse(0),
            median(all, Run::processor),
            median(all, Run::megabytes)));
  }

  /**
   * What it uses of a processor, window by window, the least first: on a machine that shares its
   * host single windows came out many times too large.
   */
  private static double[] idlePercent(Subject idle) {
    double[] percent = new double[WINDOWS];
    for (int i = 0; i < WINDOWS; i++) {
      double before = idle.processor();
      pause(WINDOW_SECONDS);
      percent[i] = (idle.processor() - before) / WINDOW_SECONDS / 10;
    }
    Arrays.sort(percent);
    return percent;
  }

  private static void pause(long seconds) {
    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(seconds));
  }

  private static double median(List<Run> runs, ToDoubleFunction<Run> figure) {
    return runs.stream().mapToDouble(figure).sorted().skip(runs.size() / 2).findFirst().orElse(0);
  }

  private record Run(double milliseconds, double processor, double megabytes) {}

  private static Run once(String flags) throws Exception {
    try (Subject subject = Subject.started(flags, List.of())) {
      double processor = subject.processor();
      pause(IDLE_SECONDS);
      return new Run(subject.milliseconds(), processor, subject.resident());
    }
  }
}
