package io.faultd.bench;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What a client waits for with a daemon that has just started, its rehearsal over, and a JVM that
 * nobody has attached to: the first rule, for which the JVM is prepared, another one, and the end
 * of the first while a call waits for a minute because of it; as root.
 *
 * <p>{@code java -cp src/bench/target/bench.jar io.faultd.bench.FirstRules [JAVA [DAEMONS]]}: with
 * JAVA as the target's. One more daemon comes first, and does not count.
 */
public final class FirstRules {
  private FirstRules() {}

  /**
   * Prints a table.
   *
   * @param args the java of the target, default ours; how many daemons, default 11
   */
  public static void main(String[] args) throws Exception {
    String java = args.length > 0 ? args[0] : System.getProperty("java.home") + "/bin/java";
    int daemons = args.length > 1 ? Integer.parseInt(args[1]) : 11;
    long[] first = new long[daemons];
    long[] next = new long[daemons];
    long[] end = new long[daemons];
    for (int i = -1; i < daemons; i++) {
      int index = Math.max(i, 0);
      try (Till target = Till.started(java);
          Subject daemon = Subject.started(Subject.LAUNCHER, List.of());
          RestClient client = new RestClient(daemon.http())) {
        while (daemon.rehearses()) {
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        long begin = System.nanoTime();
        String uid = client.create("jvm", "delay", flags(target, "first", 60_000));
        first[index] = System.nanoTime() - begin;
        begin = System.nanoTime();
        client.create("jvm", "delay", flags(target, "second", 1));
        next[index] = System.nanoTime() - begin;
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20)); // a call waits by now
        begin = System.nanoTime();
        client.destroy(uid);
        end[index] = System.nanoTime() - begin;
      }
    }
    System.out.println("prepared, first rule        " + new Figures(first));
    System.out.println("next rule                   " + new Figures(next));
    System.out.println("destroy, a delay in flight  " + new Figures(end));
  }

  private static String flags(Till target, String method, int time) {
    return "{\"pid\":\"%d\",\"classname\":\"Till\",\"methodname\":\"%s\",\"time\":\"%d\"}"
        .formatted(target.pid(), method, time);
  }
}
