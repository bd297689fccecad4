package io.faultd.linux.ns;

import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Comparator;
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
    return new Membership(procfs, groups(pid), namespace(pid, procfs));
  }

  boolean has(int pid) {
    String own = groups.get(tree);
    if (own == null) {
      return !namespace.isEmpty() && namespace(pid, procfs).equals(namespace);
    }
    String other = groups(pid).getOrDefault(tree, "");
    return other.equals(own) || other.startsWith(own + "/");
  }

  Optional<String> group(String controller) {
    return groups.entrySet().stream()
        .filter(each -> Arrays.asList(each.getKey().split(",", -1)).contains(controller))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  private static Map<String, String> groups(int pid) {
    try {
      return GroupPaths.of(pid);
    } catch (IOException gone) {
      return Map.of();
    }
  }

  private static String namespace(int pid, Procfs procfs) {
    try {
      return Files.readSymbolicLink(procfs.root().resolve(pid + "/ns/pid")).toString();
    } catch (IOException gone) {
      return "";
    }
  }
}
