package io.faultd.bench;

import io.faultd.fault.Fault;
import io.faultd.rollback.Rollback;
import io.faultd.spec.Specs;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * Each kind of network fault put in place and taken back: by itself, through the packaged daemon
 * with its journal, and by tc(8) and iptables(8), a command for each rule as a tool does it that
 * runs them, and all rules in one batch. In turns, on a pair of interfaces of its own, in a network
 * namespace of its own, each 100 times or as often as the argument says:
 *
 * <pre>
 * unshare --net sh -c 'ip link set lo up; exec java --enable-native-access=ALL-UNNAMED -cp
 *     src/bench/target/bench.jar io.faultd.bench.Kinds [CALLS]'
 * </pre>
 */
public final class Kinds {
  private static final int CALLS = 100;

  /** So many of one way before the next has its turn. */
  private static final int BLOCK = 10;

  private static final int WARM_UP = 1_000;

  private static final Path SCHEDULED = Path.of("/proc/thread-self/schedstat");

  /** Meanwhile the kernel frees what was taken away, which is seldom longer. */
  private static final int PAUSE_NANOS = 50_000_000;

  private Kinds() {}

  /**
   * A kind.
   *
   * @param action what it is
   * @param flags of the order
   */
  private record Kind(String action, Map<String, String> flags) {
    String json() {
      List<String> pairs = new ArrayList<>();
      flags.forEach((name, value) -> pairs.add("\"%s\":\"%s\"".formatted(name, value)));
      return "{" + String.join(",", pairs) + "}";
    }

    Tools commands(List<Integer> served) {
      return action.equals("drop") ? Tools.iptables(served) : Tools.tc(served);
    }

    Tools batch(List<Integer> served, Path scratch) throws IOException {
      return action.equals("drop") ? Tools.restore(served, scratch) : Tools.batch(served, scratch);
    }
  }

  private static final List<Kind> KINDS =
      List.of(
          new Kind("drop", Map.of("destination-port", "7777")),
          new Kind("loss", Map.of("percent", "10", "remote-port", "7777", "interface", "fa")),
          new Kind("delay", Map.of("time", "100", "remote-port", "7777", "interface", "fa")),
          new Kind("limit", Map.of("rate", "10mbit", "remote-port", "7777", "interface", "fa")));

  /** Something done and undone. */
  private interface Way {
    /** Does it. */
    void make() throws Exception;

    /** Takes it back. */
    void remove() throws Exception;
  }

  /** Runs all. */
  public static void main(String[] args) throws Exception {
    Path scratch = Places.make("kinds");
    // as a daemon has them, which spares what is said over them
    try (ServerSocket one = new ServerSocket(0);
        ServerSocket other = new ServerSocket(0);
        Shell shell = new Shell();
        Subject daemon = Subject.started(Subject.LAUNCHER, List.of());
        RestClient client = new RestClient(daemon.http())) {
      shell.run("ip link add fa type veth peer name fb", "ip link set fa up", "ip link set fb up");
      // a node has rules of others; without any the kernel patches its code for the first and the
      // last, which takes longer than all else
      shell.run("iptables -A INPUT -i none -j DROP", "iptables -A OUTPUT -o none -j DROP");
      shell.run("ip6tables -A INPUT -i none -j DROP", "ip6tables -A OUTPUT -o none -j DROP");
      Rollback rollback = new Rollback(scratch);
      int calls = args.length == 0 ? CALLS : Integer.parseInt(args[0]);
      List<Integer> served = List.of(one.getLocalPort(), other.getLocalPort());
      for (Kind kind : KINDS) {
        measure(
            kind,
            calls,
            List.of(
                alone(kind, rollback),
                served(kind, client),
                tools(kind.commands(served), shell),
                tools(kind.batch(served, scratch), shell)));
      }
      shell.run("ip link del fa");
    } finally {
      Places.delete(scratch);
    }
  }

  /** The ways take turns, so that what else the machine does meets them alike. */
  private static void measure(Kind kind, int calls, List<Way> ways) throws Exception {
    Taken[] taken = new Taken[ways.size()];
    for (int way = 0; way < taken.length; way++) {
      taken[way] = new Taken(calls);
      // by itself it is compiled only then
      for (int call = way == 0 ? -WARM_UP : -BLOCK; call < 0; call++) {
        once(ways.get(way), taken[way], call);
      }
    }
    for (int from = 0; from < calls; from += BLOCK) {
      for (int way = 0; way < taken.length; way++) {
        once(ways.get(way), taken[way], from); // pays for what the way before has left the kernel
        for (int call = from; call < Math.min(calls, from + BLOCK); call++) {
          once(ways.get(way), taken[way], call);
        }
      }
    }
    report(kind.action() + " made", taken, each -> each.made, each -> each.waited);
    report(kind.action() + " gone", taken, each -> each.gone, each -> each.waitedGone);
  }

  /** What it took, in nanoseconds; of that, how long this thread waited for a processor. */
  private static final class Taken {
    final long[] made;
    final long[] waited;
    final long[] gone;
    final long[] waitedGone;

    Taken(int calls) {
      made = new long[calls];
      waited = new long[calls];
      gone = new long[calls];
      waitedGone = new long[calls];
    }
  }

  private static void once(Way way, Taken taken, int call) throws Exception {
    int at = Math.max(call, 0);
    timed(way::make, taken.made, taken.waited, at);
    pause(call);
    timed(way::remove, taken.gone, taken.waitedGone, at);
    pause(call);
  }

  /** Something that is done. */
  private interface Work {
    /** Does it. */
    void run() throws Exception;
  }

  private static void timed(Work work, long[] took, long[] waited, int at) throws Exception {
    long waiting = waiting();
    long begin = System.nanoTime();
    work.run();
    took[at] = System.nanoTime() - begin;
    waited[at] = waiting() - waiting;
  }

  /** How long this thread has waited for a processor in all, as schedstat has it (proc(5)). */
  private static long waiting() throws IOException {
    return Long.parseLong(Files.readString(SCHEDULED).strip().split(" ", -1)[1]);
  }

  private static void report(
      String what, Taken[] taken, Function<Taken, long[]> times, Function<Taken, long[]> waited) {
    String[] names = {"alone", "by HTTP", "commands", "batch"};
    Figures alone = new Figures(times.apply(taken[0]));
    for (int way = 0; way < names.length; way++) {
      Figures figures = new Figures(times.apply(taken[way]));
      System.out.printf(
          Locale.ROOT,
          "%-10s %-8s %s  %5.1f, %5.1f times alone%n",
          what,
          names[way],
          figures,
          figures.quantile(0.5) / alone.quantile(0.5),
          figures.quantile(0.99) / alone.quantile(0.99));
    }
    long[] net = times.apply(taken[0]).clone();
    Arrays.setAll(net, i -> net[i] - waited.apply(taken[0])[i]);
    System.out.printf(
        "%-10s %-8s %s  without waiting for a processor%n", what, names[0], new Figures(net));
  }

  /** Awake, so that nobody has to wake up in what is measured next. */
  private static void pause(int call) {
    long end = System.nanoTime() + (call < 0 ? 0 : PAUSE_NANOS);
    while (System.nanoTime() - end < 0) {
      Thread.onSpinWait();
    }
  }

  private static <P extends Record> Way alone(Kind kind, Rollback rollback) throws Exception {
    Specs.Entry entry =
        Specs.load(null).entries().stream()
            .filter(each -> each.spec().target().equals("network"))
            .filter(each -> each.spec().action().equals(kind.action()))
            .findFirst()
            .orElseThrow();
    @SuppressWarnings("unchecked")
    Fault<P> fault = (Fault<P>) entry.fault().getDeclaredConstructor().newInstance();
    @SuppressWarnings("unchecked")
    P parameters = (P) entry.binder().bind(kind.flags());
    return new Way() {
      private Bare on = new Bare();

      @Override
      public void make() throws Exception {
        on = new Bare();
        fault.inject(parameters, on);
      }

      @Override
      public void remove() {
        on.undo(rollback);
      }
    };
  }

  private static Way served(Kind kind, RestClient client) {
    return new Way() {
      private String uid = "";

      @Override
      public void make() throws Exception {
        uid = client.create("network", kind.action(), kind.json());
      }

      @Override
      public void remove() throws Exception {
        client.destroy(uid);
      }
    };
  }

  private static Way tools(Tools tools, Shell shell) {
    return new Way() {
      @Override
      public void make() throws Exception {
        shell.run(tools.make().toArray(String[]::new));
      }

      @Override
      public void remove() throws Exception {
        shell.run(tools.remove().toArray(String[]::new));
      }
    };
  }
}
