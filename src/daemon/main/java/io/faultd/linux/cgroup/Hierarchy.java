package io.faultd.linux.cgroup;

import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * One tree of control groups as it is mounted (cgroups(7)).
 *
 * @param controller the controller of a version 1 tree by which it is known here; empty: version 2
 * @param mount where it is mounted
 * @param top the group that is seen there, as /proc/PID/cgroup would tell it
 */
public record Hierarchy(String controller, Path mount, String top) {

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

  /** Everywhere that it is mounted: a container may have its own part and the node's beside it. */
  static List<Hierarchy> mounts(String controller, Procfs procfs) throws IOException {
    List<Hierarchy> mounts = new ArrayList<>();
    for (String line : Files.readAllLines(procfs.root().resolve("self/mountinfo"))) {
      String[] halves = line.split(" - ", 2);
      String[] kind = halves[1].split(" ", 3);
      boolean match =
          controller.isEmpty()
              ? kind[0].equals("cgroup2")
              : kind[0].equals("cgroup")
                  && Arrays.asList(kind[2].split(",", -1)).contains(controller);
      if (match) {
        String[] words = halves[0].split(" ", 6);
        mounts.add(new Hierarchy(controller, Path.of(unescaped(words[4])), unescaped(words[3])));
      }
    }
    return mounts;
  }

  /** The group of a process, as /proc/PID/cgroup tells it; empty if the process is gone. */
  public Optional<String> of(int pid, Procfs procfs) {
    try {
      for (String line : Files.readAllLines(procfs.root().resolve(pid + "/cgroup"))) {
        String[] parts = line.split(":", 3);
        if (Arrays.asList(parts[1].split(",", -1)).contains(controller)) {
          return Optional.of(parts[2]);
        }
      }
    } catch (IOException gone) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  /**
   * Moves a process with all its threads.
   *
   * @param group relative to the mount; empty: the group at its top
   * @throws IOException if the kernel refuses
   */
  public void move(int pid, String group) throws IOException {
    Files.writeString(
        mount.resolve(group).resolve("cgroup.procs"),
        Integer.toString(pid),
        StandardOpenOption.WRITE);
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
