package io.faultd.bench;

import io.faultd.fault.Fault;
import io.faultd.rollback.Rollback;
import io.faultd.spec.Specs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Each kind of network fault put in place and taken back: by itself, through the packaged daemon
 * with its journal, and by tc(8) and iptables(8) as a tool does it that runs them. In turns, on a
 * pair of interfaces of its own, in a network namespace of its own:
 *
 * <pre>
 * unshare --net sh -c 'ip link set lo up; exec java --enable-native-access=ALL-UNNAMED -cp
 *     src/bench/target/bench.jar io.faultd.bench.Kinds'
 * </pre>
 */
public final class Kinds {
  private static final int CALLS = 100;

  private static final int WARM_UP = 1_000;

  /** Meanwhile the kernel frees what was taken away. */
  private static final int PAUSE_NANOS = 25_000_000;

  private Kinds() {}

  /**
   * A kind.
   *
   * @param action what it is
   * @param flags of the order
   * @param make the commands that do the same
   * @param remove those that take it back
   */
  private record Kind(
      String action, Map<String, String> flags, List<String> make, List<String> remove) {

    /** The same commands for TCP and UDP, and for both ways. */
    static List<String> iptables(String what) {
      List<String> commands = new ArrayList<>();
      for (String chain : List.of("INPUT", "OUTPUT")) {
        for (String protocol : List.of("tcp", "udp")) {
          commands.add(
              "iptables %s %s -p %s --dport 7777 -j DROP".formatted(what, chain, protocol));
        }
      }
      return commands;
    }

    /** Three commands that make a tree with a queue for one port, and two that remove it. */
    static Kind shaped(String action, Map<String, String> flags) {
      return new Kind(
          action,
          flags,
          List.of(
              "tc qdisc add dev fa root handle 1: htb",
              "tc class add dev fa parent 1: classid 1:4 htb rate 10mbit",
              "tc filter add dev fa parent 1: prio 4 protocol ip u32 match ip dport 7777 0xffff"
                  + " flowid 1:4"),
          List.of("tc filter del dev fa parent 1: prio 4", "tc qdisc del dev fa root"));
    }

    String json() {
      List<String> pairs = new ArrayList<>();
      flags.forEach((name, value) -> pairs.add("\"%s\":\"%s\"".formatted(name, value)));
      return "{" + String.join(",", pairs) + "}";
    }
  }

  private static final List<Kind> KINDS =
      List.of(
          new Kind(
              "drop", Map.of("destination-port", "7777"), Kind.iptables("-A"), Kind.iptables("-D")),
          Kind.shaped("loss", Map.of("percent", "10", "remote-port", "7777", "interface", "fa")),
          Kind.shaped("delay", Map.of("time", "100", "remote-port", "7777", "interface", "fa")),
          Kind.shaped("limit", Map.of("rate", "10mbit", "remote-port", "7777", "interface", "fa")));

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
    try (Shell shell = new Shell();
        Subject daemon = Subject.started(Subject.LAUNCHER, List.of());
        RestClient client = new RestClient(daemon.http())) {
      shell.run("ip link add fa type veth peer name fb", "ip link set fa up", "ip link set fb up");
      // a node has rules of others; without any the kernel patches its code for the first and the
      // last, which takes longer than all else
      shell.run("iptables -A INPUT -i none -j DROP", "iptables -A OUTPUT -o none -j DROP");
      shell.run("ip6tables -A INPUT -i none -j DROP", "ip6tables -A OUTPUT -o none -j DROP");
      Rollback rollback = new Rollback(scratch);
      for (Kind kind : KINDS) {
        measure(kind, List.of(alone(kind, rollback), served(kind, client), tools(kind, shell)));
      }
      shell.run("ip link del fa");
    } finally {
      Places.delete(scratch);
    }
  }

  private static void measure(Kind kind, List<Way> ways) throws Exception {
    long[][] made = new long[ways.size()][CALLS];
    long[][] removed = new long[ways.size()][CALLS];
    for (int way = 0; way < ways.size(); way++) {
      // by itself it is compiled only then
      for (int call = way == 0 ? -WARM_UP : -CALLS / 4; call < CALLS; call++) {
        long begin = System.nanoTime();
        ways.get(way).make();
        made[way][Math.max(call, 0)] = System.nanoTime() - begin;
        pause(call);
        begin = System.nanoTime();
        ways.get(way).remove();
        removed[way][Math.max(call, 0)] = System.nanoTime() - begin;
        pause(call);
      }
    }
    String[] names = {"alone", "by HTTP", "tools"};
    for (int way = 0; way < names.length; way++) {
      System.out.printf(
          "%-6s %-8s made %s%n%-6s %-8s gone %s%n",
          kind.action(),
          names[way],
          new Figures(made[way]),
          kind.action(),
          names[way],
          new Figures(removed[way]));
    }
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

  private static Way tools(Kind kind, Shell shell) {
    return new Way() {
      @Override
      public void make() throws Exception {
        shell.run(kind.make().toArray(String[]::new));
      }

      @Override
      public void remove() throws Exception {
        shell.run(kind.remove().toArray(String[]::new));
      }
    };
  }
}
