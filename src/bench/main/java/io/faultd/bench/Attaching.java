package io.faultd.bench;

import io.faultd.fault.Agent.Order;
import io.faultd.fault.Target;
import io.faultd.jvm.AgentLink;
import io.faultd.jvm.JvmProcess;
import io.faultd.jvm.Jvms;
import io.faultd.linux.proc.Procfs;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How long it takes to attach to a JVM, to add the first rule and another, and to take one back
 * while a call waits for a minute because of it; as root.
 *
 * <p>{@code java -cp src/bench/target/bench.jar io.faultd.bench.Attaching [JAVA [CYCLES]]}: with
 * JAVA as the target's.
 */
public final class Attaching {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String INSTANCE = "0be0c4be";

  private Attaching() {}

  /**
   * Prints a table.
   *
   * @param args the java of the target, default ours; how often, default 50
   */
  public static void main(String[] args) throws Exception {
    String java = args.length > 0 ? args[0] : System.getProperty("java.home") + "/bin/java";
    int cycles = args.length > 1 ? Integer.parseInt(args[1]) : 50;
    try (Till target = Till.started(java, 0)) {
      run(target.pid(), cycles);
    }
  }

  private static void run(int pid, int cycles) throws Exception {
    JvmProcess jvm = new Jvms(Procfs.HOST, each -> false).find(null, pid, new Target.Host());
    long[] first = new long[cycles];
    long[] next = new long[cycles];
    long[] revoke = new long[cycles];
    long[] end = new long[cycles];
    for (int i = 0; i < cycles; i++) {
      long begin = System.nanoTime();
      AgentLink link = AgentLink.open(jvm, INSTANCE, Procfs.HOST, LIMIT);
      link.prime(LIMIT);
      link.add(delay("first", "60000"));
      first[i] = System.nanoTime() - begin;
      begin = System.nanoTime();
      link.add(delay("second", "1"));
      next[i] = System.nanoTime() - begin;
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20)); // a call waits by now
      begin = System.nanoTime();
      link.remove("first");
      revoke[i] = System.nanoTime() - begin;
      begin = System.nanoTime();
      link.close();
      end[i] = System.nanoTime() - begin;
    }
    System.out.println("attach, prime, first rule   " + new Figures(first));
    System.out.println("next rule                   " + new Figures(next));
    System.out.println("revoke, a delay in flight   " + new Figures(revoke));
    System.out.println("all out, agent gone         " + new Figures(end));
  }

  private static Order delay(String method, String time) {
    return new Order(
        method, "jvm", "delay", Map.of("classname", "Till", "methodname", method, "time", time));
  }
}
