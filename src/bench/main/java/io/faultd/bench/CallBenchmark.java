package io.faultd.bench;

import io.faultd.fault.Agent.Order;
import io.faultd.fault.Target;
import io.faultd.jvm.AgentLink;
import io.faultd.jvm.JvmProcess;
import io.faultd.jvm.Jvms;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A call of a method that a rule is in, and that it does not strike; run by {@link Calls}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("NullAway.Init") // JMH sets what is a parameter
public class CallBenchmark {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** What is in the method. */
  @Param public Kind kind;

  private final AtomicLong calls = new AtomicLong();
  private AgentLink link;
  private String what = "tea";
  private int kilos;

  /** What can be in the method. */
  public enum Kind {
    /** Nothing. */
    BARE("bare"),
    /** No rule, but an atomic addition: what no exact count of calls can do without. */
    COUNTED("an atomic addition, no rule"),
    /** A rule about another number. */
    NUMBER("argument: another number", "argument", "0=-1"),
    /** A rule about another text. */
    TEXT("argument: another text", "argument", "1=coffee"),
    /** A rule about another number and another text. */
    BOTH("argument: the same text, another number", "argument", "1=tea,0=-1"),
    /** A rule that has struck as often as it should. */
    SPENT("effect-count: spent", "effect-count", "1"),
    /** A rule that strikes each hundredth call, and then does nothing. */
    PERCENT("effect-percent: 1", "effect-percent", "1"),
    /** Nothing any more. */
    REVOKED("taken back, agent gone"),
    /** A rule of Byteman's. */
    BYTEMAN("Byteman: another number"),
    /** The same, compiled. */
    BYTEMAN_COMPILED("Byteman: another number, compiled");

    private final String title;
    private final Map<String, String> flags = new HashMap<>();

    Kind(String title, String... flag) {
      this.title = title;
      if (flag.length > 0) {
        flags.put(flag[0], flag[1]);
      }
    }

    @Override
    public String toString() {
      return title;
    }
  }

  /** What is called: some work, of a few nanoseconds. */
  static final class Till {
    private Till() {}

    static int price(int kilos, String what) {
      int price = kilos;
      for (int i = 0; i < 8; i++) {
        price = 31 * price + (price >>> 7);
      }
      return price + what.length();
    }
  }

  /** Brings the rule in, as the daemon does. */
  @Setup
  public void weave() throws IOException {
    if (kind.ordinal() >= Kind.BYTEMAN.ordinal() || kind.ordinal() <= Kind.COUNTED.ordinal()) {
      return;
    }
    JvmProcess own =
        new Jvms(Procfs.HOST, each -> false)
            .find(null, (int) ProcessHandle.current().pid(), new Target.Host());
    link = AgentLink.open(own, "0be0c4be", Procfs.HOST, LIMIT);
    link.prime(LIMIT);
    Map<String, String> flags = new HashMap<>(kind.flags);
    flags.putAll(Map.of("classname", Till.class.getName(), "methodname", "price", "time", "0"));
    link.add(new Order("rule", "jvm", "delay", flags));
    if (kind == Kind.REVOKED) {
      for (int i = 0; i < 1_000_000; i++) {
        call();
      }
      link.remove("rule");
      link.close();
    }
  }

  /** Sends the agent away. */
  @TearDown
  public void unweave() {
    if (link != null) {
      link.close();
    }
  }

  /** One call. */
  @Benchmark
  public int call() {
    if (kind == Kind.COUNTED && calls.incrementAndGet() < 0) {
      return 0;
    }
    return Till.price(++kilos, what);
  }
}
