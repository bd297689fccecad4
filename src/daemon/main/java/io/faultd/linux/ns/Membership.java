package io.faultd.linux.ns;

import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The control groups that one process had when it was asked: what tells its company from others.
 *
 * <p>The company is told by the tree in which the process is deepest. A process that is at the top
 * of all trees, which no runtime leaves a container at, has those of its pid namespace.
 */
final class Membership {
  private final Procfs procfs;

  /** Paths by the list of controllers, as /proc/PID/cgroup writes it; version 2 has none. */
  private final Map<String, String> groups;

  private final String tree;
  private final String namespace;

  private Membership(Procfs procfs, Map<String, String> groups, String namespace) {
    this.procfs = procfs;
    this.groups = groups;
    this.namespace = namespace;
    this.tree =
        groups.entrySet().stream()
            .filter(each -> !each.getValue().equals("/"))
            .max(Comparator.comparingInt(each -> each.getValue().length()))
            .map(Map.Entry::getKey)
            .orElse("none");
  }

  static Membership of(int pid, Procfs procfs) {
    return new Membership(procfs, groups(pid, procfs), namespace(pid, procfs));
  }

  boolean has(int pid) {
    String own = groups.get(tree);
    if (own == null) {
      return !namespace.isEmpty() && namespace(pid, procfs).equals(namespace);
    }
    String other = groups(pid, procfs).getOrDefault(tree, "");
    return other.equals(own) || other.startsWith(own + "/");
  }

  Optional<String> group(String controller) {
    return groups.entrySet().stream()
        .filter(each -> Arrays.asList(each.getKey().split(",", -1)).contains(controller))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  private static Map<String, String> groups(int pid, Procfs procfs) {
    Map<String, String> groups = new HashMap<>();
    try {
      for (String line : Files.readAllLines(file(pid, procfs, "cgroup"))) {
        String[] parts = line.split(":", 3);
        groups.put(parts[1], parts[2]);
      }
    } catch (IOException gone) {
      return Map.of();
    }
    return groups;
  }

  private static String namespace(int pid, Procfs procfs) {
    try {
      return Files.readSymbolicLink(file(pid, procfs, "ns/pid")).toString();
    } catch (IOException gone) {
      return "";
    }
  }

  private static Path file(int pid, Procfs procfs, String name) {
    return procfs.root().resolve(Integer.toString(pid)).resolve(name);
  }
}
