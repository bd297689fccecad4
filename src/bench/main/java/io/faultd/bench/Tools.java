package io.faultd.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What iptables(8), ip6tables(8) and tc(8) are told to hit and to spare the packets that a fault on
 * port 7777 hits and spares: IPv4 and IPv6, TCP and UDP, not over lo, and not what is protected.
 * Rules that could match none of these packets are left out, and ports are gathered into one rule
 * where the tool can, so that it is as few commands as will do.
 *
 * @param make the commands that do it
 * @param remove those that take it back
 */
record Tools(List<String> make, List<String> remove) {
  private static final String PORT = "7777";
  private static final String NEAR = "22,6443,10250";
  private static final String QUIET = " >/dev/null";

  /**
   * Both ways, by rules; they are in chains of their own, so that what others ask is asked, too.
   */
  static Tools iptables(List<Integer> served) {
    List<String> make = new ArrayList<>();
    List<String> remove = new ArrayList<>();
    for (boolean wide : new boolean[] {false, true}) {
      String tool = wide ? "ip6tables" : "iptables";
      rules(served, wide).forEach(each -> make.add(tool + " " + each));
      taking().forEach(each -> remove.add(tool + " " + each));
    }
    return new Tools(make, remove);
  }

  /** The same, all rules of a kind of IP by one program. */
  static Tools restore(List<Integer> served, Path scratch) throws IOException {
    List<String> make = new ArrayList<>();
    List<String> remove = new ArrayList<>();
    for (boolean wide : new boolean[] {false, true}) {
      String tool = wide ? "ip6tables" : "iptables";
      Path made = scratch.resolve(tool + ".make");
      Path removed = scratch.resolve(tool + ".remove");
      Files.writeString(made, table(rules(served, wide)));
      Files.writeString(removed, table(taking()));
      make.add("%s-restore --noflush %s".formatted(tool, made));
      remove.add("%s-restore --noflush %s".formatted(tool, removed));
    }
    return new Tools(make, remove);
  }

  private static String table(List<String> rules) {
    return "*filter\n" + String.join("\n", rules) + "\nCOMMIT\n";
  }

  private static List<String> rules(List<Integer> served, boolean wide) {
    String metadata = wide ? "fd00:ec2::254" : "169.254.169.254";
    String loopback = wide ? "::1" : "127.0.0.0/8";
    List<String> rules =
        new ArrayList<>(
            List.of(
                "-N fault-out",
                "-A fault-out -p tcp -m multiport --sports %s,%s -j RETURN"
                    .formatted(NEAR, joined(served)),
                "-A fault-out -d %s -j RETURN".formatted(metadata),
                "-A fault-out -j DROP",
                "-N fault-in",
                "-A fault-in -p tcp --sport 6443 -j RETURN",
                "-A fault-in -s %s -p tcp -m multiport --sports %s -j RETURN"
                    .formatted(loopback, joined(served)),
                "-A fault-in -s %s -j RETURN".formatted(metadata),
                "-A fault-in -j DROP"));
    rules.addAll(jumps("-A"));
    return rules;
  }

  private static List<String> taking() {
    List<String> rules = new ArrayList<>(jumps("-D"));
    rules.addAll(List.of("-F fault-out", "-X fault-out", "-F fault-in", "-X fault-in"));
    return rules;
  }

  private static List<String> jumps(String what) {
    List<String> jumps = new ArrayList<>();
    for (String protocol : List.of("tcp", "udp")) {
      String to = " -p " + protocol + " --dport " + PORT + " -j fault-";
      jumps.add(what + " OUTPUT ! -o lo" + to + "out");
      jumps.add(what + " INPUT ! -i lo" + to + "in");
    }
    return jumps;
  }

  private static String joined(List<Integer> ports) {
    return String.join(",", ports.stream().map(String::valueOf).toList());
  }

  /**
   * What goes out by an interface, by a class for it; what was there is listed before, what is ours
   * and what has come back afterwards.
   */
  static Tools tc(List<Integer> served) {
    return new Tools(
        tree(served).stream().map(each -> "tc " + each + QUIET).toList(),
        taken().stream().map(each -> "tc " + each + QUIET).toList());
  }

  /** The same, all of it by one program. */
  static Tools batch(List<Integer> served, Path scratch) throws IOException {
    Path made = scratch.resolve("tc.make");
    Path removed = scratch.resolve("tc.remove");
    Files.write(made, tree(served));
    Files.write(removed, taken());
    return new Tools(List.of("tc -batch " + made + QUIET), List.of("tc -batch " + removed + QUIET));
  }

  private static List<String> tree(List<Integer> served) {
    List<String> tree = new ArrayList<>(listing());
    tree.add("qdisc add dev fa root handle 1: htb");
    tree.add("class add dev fa parent 1: classid 1:4 htb rate 10mbit");
    for (boolean wide : new boolean[] {false, true}) {
      String ip = wide ? "ip6" : "ip";
      String filter =
          "filter add dev fa parent 1: prio %d protocol %s u32 match %s "
              .formatted(wide ? 2 : 1, wide ? "ipv6" : "ip", ip);
      List<String> near = new ArrayList<>(List.of(NEAR.split(",", -1)));
      served.forEach(each -> near.add(each.toString()));
      for (String port : near) {
        tree.add(filter + "protocol 6 0xff match %s sport %s 0xffff flowid 1:".formatted(ip, port));
      }
      tree.add(filter + "dst " + (wide ? "fd00:ec2::254" : "169.254.169.254") + " flowid 1:");
      for (int protocol : new int[] {6, 17}) {
        tree.add(
            filter
                + "protocol %d 0xff match %s dport %s 0xffff flowid 1:4"
                    .formatted(protocol, ip, PORT));
      }
    }
    return tree;
  }

  private static List<String> taken() {
    List<String> taken = new ArrayList<>(listing());
    taken.add("qdisc del dev fa root");
    taken.add("qdisc show dev fa");
    return taken;
  }

  private static List<String> listing() {
    return List.of("qdisc show dev fa", "class show dev fa", "filter show dev fa");
  }
}
