package io.faultd.crash;

import io.faultd.testing.Cable;
import io.faultd.testing.Traffic;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What others have on this side of a cable: a tree of queues and tables of nftables, which let all
 * traffic of the test pass.
 */
final class Surroundings implements AutoCloseable {
  /** Of the interface. */
  static final int QUEUES = 4;

  private static final String LINK = Cable.NEAR_INTERFACE;

  private final Random random;
  private final List<String> tables = new ArrayList<>();
  private final StringBuilder commands = new StringBuilder();

  private Surroundings(Random random) {
    this.random = random;
  }

  /** Some that a seed decides. */
  static Surroundings random(Random random) throws Exception {
    Surroundings all = new Surroundings(random);
    all.queues();
    int count = random.nextInt(3);
    for (int i = 0; i < count; i++) {
      all.table("theirs" + i);
    }
    Cable.run(all.commands.toString());
    return all;
  }

  /** All that tc(8) and nft(8) print. */
  static String listing() throws Exception {
    return Traffic.listing(LINK) + Cable.run("nft -a list ruleset");
  }

  @Override
  public String toString() {
    return commands.toString();
  }

  private void tc(String text, Object... values) {
    commands.append("tc ").append(text.formatted(values)).append('\n');
  }

  private int between(int least, int most) {
    return least + random.nextInt(most - least + 1);
  }

  private void queues() {
    switch (random.nextInt(10)) {
      case 0 -> tc("qdisc add dev fa root pfifo_fast");
      case 1 -> tc("qdisc add dev fa root pfifo limit %d", between(300, 900));
      case 2 -> tc("qdisc add dev fa root pfifo_head_drop limit %d", between(300, 900));
      case 3 -> tc("qdisc add dev fa root handle %x: bfifo limit %dkb", between(2, 99), 700);
      case 4 -> {
        tc("qdisc add dev fa root handle 7: %s", bucket());
        if (random.nextBoolean()) {
          tc("qdisc add dev fa parent 7:1 handle 70: %s", leaf());
        }
      }
      case 5, 6 -> classes();
      case 7, 8 -> several();
      default -> commands.append('\n'); // what the kernel gives
    }
  }

  /** One for each queue of the interface, some of which others have set up. */
  private void several() {
    tc("qdisc add dev fa root handle 9: mq");
    for (int i = 1; i <= QUEUES; i++) {
      if (random.nextBoolean()) {
        tc("qdisc replace dev fa parent 9:%d handle 9%d: %s", i, i, leaf());
      }
    }
  }

  private String bucket() {
    return "tbf rate %dmbit burst %dkb latency 60ms"
        .formatted(between(800, 999), between(200, 400));
  }

  private String leaf() {
    return switch (random.nextInt(3)) {
      case 0 -> "pfifo limit " + between(300, 900);
      case 1 -> "bfifo limit " + between(700, 900) + "kb";
      default -> bucket();
    };
  }

  private void classes() {
    int count = between(1, 5);
    tc(
        "qdisc add dev fa root handle 1: htb default %s r2q %d",
        random.nextBoolean() ? "11" : "0", between(5, 50));
    List<Integer> leaves = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      // under the one before, or side by side
      boolean below = i > 1 && random.nextInt(3) == 0;
      String parent = below ? "1:" + (9 + i) : "1:";
      tc(
          "class add dev fa parent %s classid 1:%d htb rate %dmbit ceil %dmbit burst %dkb prio %d",
          parent,
          10 + i,
          between(600, 800),
          between(800, 999),
          between(100, 300),
          random.nextInt(7));
      if (below) {
        leaves.removeLast();
      }
      leaves.add(10 + i);
    }
    for (int each : leaves) {
      if (random.nextBoolean()) {
        tc("qdisc add dev fa parent 1:%d handle %d: %s", each, 10 * each, leaf());
      }
    }
    int filters = random.nextInt(4);
    for (int i = 0; i < filters; i++) {
      tc(
          "filter add dev fa parent 1: protocol %s prio %d u32 match %s flowid 1:%d",
          i % 2 == 0 ? "ip" : "ipv6",
          5 + i,
          match(i % 2 == 0 ? "ip" : "ip6"),
          leaves.get(random.nextInt(leaves.size())));
    }
  }

  private String match(String family) {
    return switch (random.nextInt(3)) {
      case 0 -> family + " dport " + between(1, 9000) + " 0xffff";
      case 1 -> family.equals("ip") ? "ip dst 10.77.0.0/" + between(8, 32) : "ip6 dst fd77::/64";
      default -> "u32 0 0";
    };
  }

  private void table(String name) {
    String family = random.nextBoolean() ? "inet" : "ip";
    String hook = random.nextBoolean() ? "output" : "input";
    StringBuilder text = new StringBuilder();
    text.append("table %s %s {\n".formatted(family, name));
    text.append("  set some { type inet_service; flags interval; elements = { ");
    text.append(between(1, 500)).append('-').append(between(501, 999)).append(" } }\n");
    text.append(
        "  chain first { type filter hook %s priority %d; policy accept;\n"
            .formatted(hook, between(-320, 160)));
    text.append("    udp dport @some counter drop comment \"not ours\"\n");
    if (random.nextBoolean()) {
      text.append("    ip saddr 192.0.2.0/%d jump second\n".formatted(between(24, 32)));
    }
    if (random.nextBoolean()) {
      text.append("    ct state established accept\n");
    }
    text.append(
        "  }\n  chain second { meta mark set %d; tcp dport { 22, %d } accept; }\n}\n"
            .formatted(between(1, 99), between(1000, 2000)));
    commands.append("nft -f - <<'END'\n").append(text).append("END\n");
    tables.add(family + " " + name);
  }

  /** Takes all of it away. */
  @Override
  public void close() throws Exception {
    Cable.run("tc qdisc del dev fa root 2>/dev/null || true");
    for (String each : tables) {
      Cable.run("nft delete table " + each);
    }
  }
}
