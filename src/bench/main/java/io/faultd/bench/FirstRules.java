package io.faultd.bench;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What a client waits for over HTTP, as root. With a daemon that has just started, its rehearsal
 * over, and a JVM that nobody has attached to: the first rule, for which the JVM is prepared,
 * another one, and the end of the first while a call waits for a minute because of it. Then, with
 * the last of these daemons, which has been at work by that time: 50 times a rule more, each for
 * another method, and its end with a call that waits because of it.
 *
 * <p>{@code java -cp src/bench/target/bench.jar io.faultd.bench.FirstRules [JAVA [DAEMONS
 * [source]]]}: with JAVA as the target's, which is compiled beforehand or started from its source.
 * One more daemon comes first, and does not count.
 */
public final class FirstRules {
  private static final int MORE = 50;

  private FirstRules() {}

  /**
   * Prints a table.
   *
   * @param args the java of the target, default ours; how many daemons, default 11; {@code source}
   */
  public static void main(String[] args) throws Exception {
    String java = args.length > 0 ? args[0] : System.getProperty("java.home") + "/bin/java";
    int daemons = args.length > 1 ? Integer.parseInt(args[1]) : 11;
    boolean source = args.length > 2 && args[2].equals("source");
    long[] first = new long[daemons];
    long[] next = new long[daemons];
    long[] end = new long[daemons];
    for (int i = -1; i < daemons; i++) {
      int index = Math.max(i, 0);
      boolean last = i == daemons - 1;
      try (Till target = source ? Till.startedFromSource(java, MORE) : Till.started(java, MORE);
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
        awaitCall();
        begin = System.nanoTime();
        client.destroy(uid);
        end[index] = System.nanoTime() - begin;
        if (last) {
          System.out.println("prepared, first rule        " + new Figures(first));
          System.out.println("next rule                   " + new Figures(next));
          System.out.println("destroy, a delay in flight  " + new Figures(end));
          atWork(target, client);
        }
      }
    }
  }

  private static void atWork(Till target, RestClient client) throws Exception {
    long[] rule = new long[MORE];
    long[] end = new long[MORE];
    for (int i = 0; i < MORE; i++) {
      long begin = System.nanoTime();
      String uid = client.create("jvm", "delay", flags(target, "more" + i, 60_000));
      rule[i] = System.nanoTime() - begin;
      awaitCall();
      begin = System.nanoTime();
      client.destroy(uid);
      end[i] = System.nanoTime() - begin;
    }
    System.out.println("at work: one more rule      " + new Figures(rule));
    System.out.println("at work: destroy, in flight " + new Figures(end));
  }

  /** In a method with a rule somebody waits by then. */
  private static void awaitCall() {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(40));
  }

  private static String flags(Till target, String method, int time) {
    return "{\"pid\":\"%d\",\"classname\":\"Till\",\"methodname\":\"%s\",\"time\":\"%d\"}"
        .formatted(target.pid(), method, time);
  }
}
