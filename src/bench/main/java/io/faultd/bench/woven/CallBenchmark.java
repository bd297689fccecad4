package io.faultd.bench.woven;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One call of a method that a rule may be woven into, whose condition is false: {@code
 * io.faultd.bench.Calls} runs it bare, with a rule of ours, after that was revoked, and with a rule
 * of Byteman's.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class CallBenchmark {
  private static final int WARM = 50_000;

  private final Step step = new Step();
  private @Nullable Process daemon;

  /** Has a daemon add its rule, or add it and take it back. */
  @Setup(Level.Trial)
  public void prepare() throws IOException {
    String state = System.getProperty("faultd.state", "bare");
    if (!state.equals("armed") && !state.equals("revoked")) {
      return;
    }
    warm();
    Process started =
        new ProcessBuilder(
                System.getProperty("faultd.java", "java"),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path", ""),
                "io.faultd.bench.RuleHolder",
                Long.toString(ProcessHandle.current().pid()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    daemon = started;
    await(started, "armed");
    warm();
    if (state.equals("revoked")) {
      end();
    }
  }

  /** The daemon goes. */
  @TearDown(Level.Trial)
  public void end() throws IOException {
    Process started = daemon;
    if (started != null) {
      started.getOutputStream().close();
      await(started, "revoked");
      daemon = null;
    }
  }

  /** One call. */
  @Benchmark
  public int call() {
    return step.step(1);
  }

  private void warm() {
    for (int i = 0; i < WARM; i++) {
      step.step(1);
    }
  }

  private static void await(Process daemon, String word) throws IOException {
    byte[] line = new byte[word.length() + 1];
    int read = daemon.getInputStream().readNBytes(line, 0, line.length);
    if (read < line.length || !new String(line, StandardCharsets.UTF_8).strip().equals(word)) {
      throw new IOException("the rule was not " + word);
    }
  }
}
