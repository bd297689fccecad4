package io.faultd.bench;

import io.faultd.bench.CallBenchmark.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jboss.byteman.agent.Main;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * What a rule costs a call that it does not strike, beside the bare method, a rule of Byteman's and
 * the method after the rule was taken back; as root.
 *
 * <p>{@code java -cp src/bench/target/bench.jar io.faultd.bench.Calls [ROUNDS]}: JMH, a JVM of its
 * own for each kind in each round, so that what changes on the machine changes for all.
 */
public final class Calls {
  private static final int ITERATIONS = 3;
  private static final TimeValue TIME = TimeValue.milliseconds(500);

  private Calls() {}

  /**
   * Prints a table.
   *
   * @param args how often, default 5
   */
  public static void main(String[] args) throws IOException, RunnerException {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 5;
    Map<Kind, double[]> nanos = new EnumMap<>(Kind.class);
    Path script = Places.make("byteman").resolve("rule.btm");
    Files.writeString(
        script,
        """
        RULE false
        CLASS %s
        METHOD price
        IF $1 == -1
        DO throw new RuntimeException("struck")
        ENDRULE
        """
            .formatted(CallBenchmark.Till.class.getName()));
    try {
      for (int round = 0; round < rounds; round++) {
        for (Kind kind : Kind.values()) {
          nanos.computeIfAbsent(kind, each -> new double[rounds])[round] = nanos(kind, script);
        }
      }
    } finally {
      Places.delete(script.getParent());
    }
    print(nanos);
  }

  private static double nanos(Kind kind, Path script) throws RunnerException {
    Options options =
        new OptionsBuilder()
            .include(CallBenchmark.class.getName())
            .param("kind", kind.name())
            .forks(1)
            .warmupIterations(ITERATIONS)
            .warmupTime(TIME)
            .measurementIterations(ITERATIONS)
            .measurementTime(TIME)
            .verbosity(VerboseMode.SILENT)
            .shouldFailOnError(true)
            .jvmArgs(flags(kind, script).toArray(new String[0]))
            .build();
    return new Runner(options).runSingle().getPrimaryResult().getScore();
  }

  private static List<String> flags(Kind kind, Path script) {
    String jar = Main.class.getProtectionDomain().getCodeSource().getLocation().getPath();
    String byteman = "-javaagent:" + jar + "=script:" + script;
    return switch (kind) {
      case BYTEMAN -> List.of(byteman);
      case BYTEMAN_COMPILED -> List.of(byteman, "-Dorg.jboss.byteman.compile.to.bytecode=true");
      default -> List.of("--enable-native-access=ALL-UNNAMED", "-XX:+EnableDynamicAgentLoading");
    };
  }

  private static void print(Map<Kind, double[]> nanos) {
    double bare = median(nanos.get(Kind.BARE));
    nanos.forEach((kind, all) ->
        System.out.printf(
            Locale.ROOT,
            "%-42s %7.2f ns  %+7.2f ns  %5.2f times  (least %.2f, most %.2f)%n",
            kind,
            median(all),
            median(all) - bare,
            median(all) / bare,
            Arrays.stream(all).min().orElseThrow(),
            Arrays.stream(all).max().orElseThrow()));
  }

  private static double median(double[] all) {
    double[] sorted = all.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
