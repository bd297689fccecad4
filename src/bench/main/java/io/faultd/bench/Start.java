package io.faultd.bench;

import java.util.ArrayList;
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
 * <p>{@code java -cp src/bench/target/bench.jar io.faultd.bench.Start [RUNS]}
 */
public final class Start {
  /** One thing differs from the launcher's flags in each but the first. */
  private static final Map<String, String> SETS = new LinkedHashMap<>();

  static {
    SETS.put("launcher", Subject.LAUNCHER);
    SETS.put("G1", "-XX:+UseG1GC -XX:TieredStopAtLevel=1 -Xmx96m -Xss512k");
    SETS.put("with C2", "-XX:+UseSerialGC -Xmx96m -Xss512k");
    SETS.put("Xmx64m", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx64m -Xss512k");
    SETS.put("Xmx256m", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx256m -Xss512k");
    SETS.put("Xss1m", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx96m -Xss1m");
    SETS.put("none", "");
  }

  private Start() {}

  /**
   * Prints a table.
   *
   * @param args how many runs each, default 10
   */
  public static void main(String[] args) throws Exception {
    int runs = args.length > 0 ? Integer.parseInt(args[0]) : 10;
    once(Subject.LAUNCHER); // files into the page cache
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
            "%-9s ready %5.0f ms (best %.0f)  CPU until ready %5.0f ms  idle RSS %4.0f MB%n",
            name,
            median(all, Run::milliseconds),
            all.stream().mapToDouble(Run::milliseconds).min().orElse(0),
            median(all, Run::processor),
            median(all, Run::megabytes)));
  }

  private static double median(List<Run> runs, ToDoubleFunction<Run> figure) {
    return runs.stream().mapToDouble(figure).sorted().skip(runs.size() / 2).findFirst().orElse(0);
  }

  private record Run(double milliseconds, double processor, double megabytes) {}

  private static Run once(String flags) throws Exception {
    try (Subject subject = Subject.started(flags, List.of())) {
      double processor = subject.processor();
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
      return new Run(subject.milliseconds(), processor, subject.resident());
    }
  }
}
