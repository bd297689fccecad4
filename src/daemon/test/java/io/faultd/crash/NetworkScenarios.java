package io.faultd.crash;

import io.faultd.linux.tc.Lacks;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Faults of the network, at either end of a cable: one is that of the node, the other that of a
 * container.
 */
final class NetworkScenarios {
  private static final String SHAPED =
      """
      tc qdisc add dev %1$s root handle 1: htb default 12
      tc class add dev %1$s parent 1: classid 1:11 htb rate 900mbit
      tc class add dev %1$s parent 1: classid 1:12 htb rate 800mbit
      tc qdisc add dev %1$s parent 1:11 handle 110: pfifo limit 500
      tc filter add dev %1$s parent 1: protocol ip prio 1 u32 match ip dport 80 0xffff flowid 1:11
      """;

  private static final String FOREIGN = "tc qdisc add dev %1$s root handle 9: pfifo limit 7";

  private NetworkScenarios() {}

  /** All of them; those of sch_netem where the kernel has it. */
  static List<Scenario> all() {
    List<Scenario> all =
        new ArrayList<>(
            List.of(
                steps("network limit", "", Map.of("rate", "8mbit")),
                steps("network limit (earlier tree)", SHAPED, Map.of("rate", "8mbit")),
                steps(
                    "network limit (two members)",
                    SHAPED,
                    Map.of("rate", "8mbit"),
                    Map.of("rate", "9mbit")),
                steps("network limit (container)", SHAPED, Map.of("rate", "8mbit")),
                held("network limit (in)", Map.of("rate", "8mbit", "direction", "in"))));
    for (String place : new String[] {"", " (container)"}) {
      all.add(held("network drop" + place, Map.of("destination-port", "" + Wiring.PORT)));
      all.add(held("network loss" + place, Map.of("percent", "100", "engine", "nft")));
      all.add(held("network delay" + place, Map.of("time", "10s", "engine", "nfqueue")));
    }
    if (Lacks.impairing().isEmpty()) {
      all.add(steps("network loss (netem)", SHAPED, Map.of("percent", "9", "engine", "netem")));
      all.add(steps("network delay (netem)", SHAPED, Map.of("time", "9", "engine", "netem")));
    }
    return all;
  }

  /** It is made of steps. */
  @SafeVarargs
  private static Scenario steps(String name, String earlier, Map<String, String>... flags) {
    return new Scenario(
        name,
        world -> world.wired(contained(name), earlier),
        world -> List.of(flags).stream().map(each -> job(name, world, each)).toList(),
        List.of(world -> world.wiring().getFirst().queues(FOREIGN)),
        false);
  }

  /** It ends with the process that holds it. */
  private static Scenario held(String name, Map<String, String> flags) {
    return new Scenario(
        name,
        world -> world.wired(contained(name), ""),
        world -> List.of(job(name, world, flags)),
        List.of(),
        false);
  }

  private static boolean contained(String name) {
    return name.contains("container");
  }

  /** Whether it ends with the process that holds it. */
  static boolean held(Scenario scenario) {
    return scenario.edits().isEmpty();
  }

  private static Scenario.Job job(String name, World world, Map<String, String> flags) {
    Map<String, String> all = new TreeMap<>(flags);
    if (contained(name)) {
      all.put("container-id", world.far());
    }
    return new Scenario.Job("network", name.split(" ", -1)[1], all);
  }
}
