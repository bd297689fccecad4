package io.faultd.linux.ns;

import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.file.Open;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Paths of control groups as the node tells them.
 *
 * <p>A daemon in a namespace of control groups of its own, as containers have with version 2, is
 * told them from that one's root: its own group as {@code /}, another container's as {@code
 * /../other} (cgroup_namespaces(7)), by which no group is found in a tree that is mounted. So it
 * asks once, in the namespace of a process that is told most, where that root is.
 */
public final class GroupPaths {
  private static final String UP = "/..";
  private static final Procfs PROCFS = Procfs.HOST;

  private GroupPaths() {}

  /**
   * Those of a process, by lists of controllers as /proc/PID/cgroup writes them; that of version 2
   * is empty.
   *
   * @throws IOException if the process is gone
   */
  public static Map<String, String> of(int pid) throws IOException {
    Map<String, String> paths = told(Integer.toString(pid));
    paths.replaceAll(GroupPaths::whole);
    return paths;
  }

  /**
   * One that procfs told this process.
   *
   * @param controllers one or more of its tree; empty: version 2
   */
  public static String whole(String controllers, String path) {
    String any = controllers.split(",", -1)[0];
    return Once.VIEW.roots().entrySet().stream()
        .filter(each -> Arrays.asList(each.getKey().split(",", -1)).contains(any))
        .map(each -> below(each.getValue(), path))
        .findFirst()
        .orElse(path);
  }

  /**
   * The group of a container as a whole, of the path of one of its processes, which may be in a
   * group below it; empty if that is none of the container's.
   *
   * <p>Runtimes name it {@code ID} or {@code crio-ID}, {@code cri-containerd-ID.scope} where
   * systemd makes it, or {@code system.slice:cri-containerd:ID} where they write systemd's way
   * without it.
   *
   * @param id of the container, whole
   */
  public static Optional<String> container(String path, String id) {
    List<String> names = List.of(path.split("/", -1));
    for (int at = names.size(); at > 0; at--) { // what is above may be called as it is: /ID/ID
      String name = names.get(at - 1);
      if (name.equals(id)
          || name.endsWith("-" + id)
          || name.endsWith(":" + id)
          || name.endsWith("-" + id + ".scope")) {
        return Optional.of(String.join("/", names.subList(0, at)));
      }
    }
    return Optional.empty();
  }

  /**
   * Does something where no border between this process's namespace and the node keeps processes
   * from being moved.
   *
   * @throws IOException if the work failed
   */
  public static <T> T outside(Inside.Work<T> work) throws IOException {
    Fd outer = Once.VIEW.outer();
    return outer == null ? work.run() : Inside.groups(outer, "namespace of control groups", work);
  }

  /** As text: containers name their groups, and not each name is one of a {@link Path} here. */
  private static String below(String root, String path) {
    Deque<String> names = new ArrayDeque<>();
    for (String name : (root + path).split("/", -1)) {
      if (name.equals("..")) {
        names.pollLast();
      } else if (!name.isEmpty() && !name.equals(".")) {
        names.addLast(name);
      }
    }
    return "/" + String.join("/", names);
  }

  @SuppressWarnings("IllegalCatch") // thrown here, it would make this class useless for good
  private static View look() {
    Set<String> seen = new HashSet<>(Set.of(namespace("self")));
    View best = new View(Map.of(), null);
    try {
      if (seen.contains(namespace("1"))) {
        return best;
      }
      Map<String, String> here = told("self");
      for (int pid : PROCFS.pids()) {
        if (seen.add(namespace(Integer.toString(pid)))) {
          best = better(best, of(pid, here));
        }
      }
    } catch (IOException | RuntimeException e) {
      return best;
    }
    return best;
  }

  /** The one that goes further up; lets go of the other. */
  private static View better(View one, View other) {
    boolean first = one.length() >= other.length();
    Fd loser = first ? other.outer() : one.outer();
    if (loser != null) {
      loser.close();
    }
    return first ? one : other;
  }

  /** As in the namespace of a process, if it can be entered and is around that of this process. */
  private static View of(int pid, Map<String, String> here) throws IOException {
    String path = "/proc/" + pid + "/ns/cgroup";
    Map<String, String> roots = new HashMap<>();
    Fd namespace;
    try (Fd handle = Open.followed(path)) {
      namespace = Open.reading(handle, path);
    } catch (LinuxException goneOrDenied) {
      return new View(roots, null);
    }
    try {
      Map<String, String> there = Inside.groups(namespace, path, () -> told("self"));
      here.forEach((controllers, inner) -> {
        String own = inner.equals("/") ? "" : inner;
        String whole = there.getOrDefault(controllers, inner);
        if (!own.startsWith(UP) && !whole.equals(inner) && whole.endsWith(own)) {
          roots.put(controllers, whole.substring(0, whole.length() - own.length()));
        }
      });
    } catch (IOException denied) {
      roots.clear();
    }
    roots.values().removeIf(root -> root.startsWith(UP));
    if (roots.isEmpty()) {
      namespace.close();
      return new View(roots, null);
    }
    return new View(roots, namespace);
  }

  private static String namespace(String pid) {
    try {
      return Files.readSymbolicLink(PROCFS.root().resolve(pid + "/ns/cgroup")).toString();
    } catch (IOException goneOrDenied) {
      return "";
    }
  }

  private static Map<String, String> told(String pid) throws IOException {
    Map<String, String> paths = new HashMap<>();
    for (String line : Files.readAllLines(PROCFS.root().resolve(pid + "/cgroup"))) {
      String[] parts = line.split(":", 3);
      paths.put(parts[1], parts[2]);
    }
    return paths;
  }

  /**
   * How this process sees control groups.
   *
   * @param roots of its namespace, by lists of controllers; only of trees where it is not the root
   *     of all
   * @param outer the namespace that they are told in, held for good; absent: that of this process
   */
  private record View(Map<String, String> roots, @Nullable Fd outer) {
    int length() {
      return roots.values().stream().mapToInt(String::length).sum();
    }
  }

  /** The namespace that this process is in stays the same, and so does its root. */
  private static final class Once {
    static final View VIEW = look();
  }
}
