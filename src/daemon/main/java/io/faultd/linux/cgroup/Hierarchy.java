package io.faultd.linux.cgroup;

import io.faultd.linux.ns.GroupPaths;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One tree of control groups as it is mounted (cgroups(7)).
 *
 * @param controller the controller of a version 1 tree by which it is known here; empty: version 2
 * @param mount where it is mounted
 * @param top the group that is seen there, as {@link GroupPaths} tells it
 */
public record Hierarchy(String controller, Path mount, String top) {
  static final String MEMBERS = "cgroup.procs";

  /** The trees that may share out processor time: that of the v1 controller, and version 2. */
  public static List<Hierarchy> ofProcessors(Procfs procfs) throws IOException {
    List<Hierarchy> found = new ArrayList<>();
    mounted("cpu", procfs).ifPresent(found::add);
    mounted("", procfs).ifPresent(found::add);
    return found;
  }

  /** Where a tree is mounted: by controller, or the one of version 2 if that is empty. */
  public static Optional<Hierarchy> mounted(String controller, Procfs procfs) throws IOException {
    return mounts(controller, procfs).stream().findFirst();
  }

  /**
   * Everywhere that it is mounted, what shows most first: a container may have its own part, and
   * the node's beside it.
   */
  static List<Hierarchy> mounts(String controller, Procfs procfs) throws IOException {
    Map<Path, Hierarchy> mounts = new LinkedHashMap<>();
    Set<Path> readOnly = new HashSet<>();
    for (String line : Files.readAllLines(procfs.root().resolve("self/mountinfo"))) {
      String[] halves = line.split(" - ", 2);
      String[] kind = halves[1].split(" ", 3);
      boolean match =
          controller.isEmpty()
              ? kind[0].equals("cgroup2")
              : kind[0].equals("cgroup")
                  && Arrays.asList(kind[2].split(",", -1)).contains(controller);
      if (match) {
        String[] words = halves[0].split(" ", 7);
        Path mount = Path.of(unescaped(words[4]));
        String top = GroupPaths.whole(controller, unescaped(words[3]));
        mounts.put(mount, new Hierarchy(controller, mount, top)); // over what was mounted before
        if (Arrays.asList(words[5].split(",", -1)).contains("ro")) {
          readOnly.add(mount);
        } else {
          readOnly.remove(mount);
        }
      }
    }
    return mounts.values().stream()
        .filter(each -> Files.exists(each.mount().resolve(MEMBERS)))
        .sorted(
            Comparator.comparingInt((Hierarchy each) -> each.top().length())
                .thenComparing(each -> readOnly.contains(each.mount())))
        .toList();
  }

  /**
   * Tells people what is missing where a group is not seen.
   *
   * @param controllers those of the trees that it could be in
   */
  public static String missing(List<String> controllers, Procfs procfs) throws IOException {
    List<String> shown = new ArrayList<>();
    for (String controller : controllers) {
      for (Hierarchy each : mounts(controller, procfs)) {
        shown.add("%s, which shows %s".formatted(each.mount(), each.top()));
      }
    }
    return (shown.isEmpty()
            ? "no such control groups are mounted"
            : "there is only " + String.join("; and ", shown))
        + "; mount the node's /sys/fs/cgroup";
  }

  /** The path of the group of a process; empty if the process is gone. */
  public Optional<String> of(int pid, Procfs procfs) {
    try {
      return GroupPaths.of(pid).entrySet().stream()
          .filter(each -> Arrays.asList(each.getKey().split(",", -1)).contains(controller))
          .map(Map.Entry::getValue)
          .findFirst();
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  /**
   * Moves a process with all its threads.
   *
   * @param group relative to the mount; empty: the group at its top
   * @throws IOException if the kernel refuses
   */
  public void move(int pid, String group) throws IOException {
    Path members = mount.resolve(group).resolve(MEMBERS);
    GroupPaths.outside(
        () -> Files.writeString(members, Integer.toString(pid), StandardOpenOption.WRITE));
  }

  /** Mountinfo writes blanks, tabs, newlines and backslashes as three octal digits. */
  private static String unescaped(String path) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < path.length(); i++) {
      if (path.charAt(i) == '\\' && i + 3 < path.length()) {
        text.append((char) Integer.parseInt(path.substring(i + 1, i + 4), 8));
        i += 3;
      } else {
        text.append(path.charAt(i));
      }
    }
    return text.toString();
  }
}
