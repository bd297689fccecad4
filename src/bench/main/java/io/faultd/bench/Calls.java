package io.faultd.bench;

import io.faultd.bench.woven.CallBenchmark;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * What a rule costs a call that it is not about, beside Byteman's, in turns, in new JVMs each time;
 * as root.
 *
 * <p>{@code java -cp src/bench/target/bench.jar io.faultd.bench.Calls [ROUNDS [JAVA...]]}: the JVMs
 * that are measured, default our own.
 */
public final class Calls {
  private static final String SCRIPT = "=resourcescript:step.btm";
  private static final String COMPILED = "-Dorg.jboss.byteman.compile.to.bytecode";

  private Calls() {}

  /** Prints a table of nanoseconds for each JVM. */
  public static void main(String[] args) throws Exception {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 5;
    String own = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> javas =
        args.length > 1 ? Arrays.asList(args).subList(1, args.length) : List.of(own);
    String byteman = "-javaagent:" + byteman() + SCRIPT;
    Map<String, List<String>> states = new LinkedHashMap<>();
    states.put("bare", List.of());
    states.put("armed", List.of());
    states.put("revoked", List.of());
    states.put("Byteman", List.of(byteman));
    states.put("Byteman, compiled", List.of(byteman, COMPILED));
    for (String java : javas) {
      Map<String, double[]> found = new LinkedHashMap<>();
      states.keySet().forEach(state -> found.put(state, new double[rounds]));
      for (int round = 0; round < rounds; round++) {
        for (Map.Entry<String, List<String>> state : states.entrySet()) {
          found.get(state.getKey())[round] = run(java, own, state.getKey(), state.getValue());
        }
      }
      System.out.println(java);
      found.values().forEach(Arrays::sort);
      double bare = found.get("bare")[rounds / 2];
      found.forEach((state, times) ->
          System.out.printf(
              "%-18s least %.2f ns, median %.2f ns, over bare %+.2f ns, %.3f of it%n",
              state,
              times[0],
              times[rounds / 2],
              times[rounds / 2] - bare,
              times[rounds / 2] / bare));
    }
  }

  private static double run(String java, String own, String state, List<String> more)
      throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(CallBenchmark.class.getName())
            .jvm(java)
            .verbosity(VerboseMode.SILENT)
            .shouldFailOnError(true)
            .jvmArgs("-XX:+UseSerialGC", "-Xmx256m", "-Dfaultd.state=" + state)
            .jvmArgsAppend(
                Stream.concat(Stream.of("-Dfaultd.java=" + own), more.stream())
                    .toArray(String[]::new));
    RunResult result = new Runner(options.build()).runSingle();
    return result.getPrimaryResult().getScore();
  }

  private static Path byteman() throws Exception {
    Path jar = Path.of(Calls.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (Stream<Path> all = Files.list(jar.resolveSibling("lib"))) {
      return all.filter(each -> each.getFileName().toString().startsWith("byteman-"))
          .findFirst()
          .orElseThrow();
    }
  }
}
