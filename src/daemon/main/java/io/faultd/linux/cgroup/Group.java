package io.faultd.linux.cgroup;

import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * One control group, as a folder of a tree that is mounted here.
 *
 * @param tree the tree
 * @param name its path from where the tree is mounted, without a slash at its begin
 */
public record Group(Hierarchy tree, String name) {
  private static final String NO_LIMIT = "max";

  /**
   * Finds a group by its path.
   *
   * @param controller of version 1; empty: the tree of version 2
   * @param path as {@link io.faultd.linux.ns.GroupPaths} tells it
   * @return empty if no mount of that tree shows it
   */
  public static Optional<Group> of(String controller, String path, Procfs procfs)
      throws IOException {
    for (Hierarchy tree : Hierarchy.mounts(controller, procfs)) {
      String top = tree.top().equals("/") ? "" : tree.top();
      if (path.equals(top) || path.startsWith(top + "/") && !path.startsWith("/..", top.length())) {
        String name = path.substring(Math.min(path.length(), top.length() + 1));
        Group group = new Group(tree, name);
        if (Files.isDirectory(group.folder())) {
          return Optional.of(group);
        }
      }
    }
    return Optional.empty();
  }

  /** Its folder. */
  public Path folder() {
    return tree.mount().resolve(name);
  }

  /** Whether its tree is mounted so that processes can be moved into it. */
  public boolean writable() {
    return Files.isWritable(folder().resolve(Hierarchy.MEMBERS));
  }

  /** A name for it that no other group of this boot has: device and inode of its folder. */
  public String key() throws IOException {
    Map<String, Object> seen = Files.readAttributes(folder(), "unix:dev,ino");
    return seen.get("dev") + ":" + seen.get("ino");
  }

  /** How many processors' time it may use at most, by its own and all limits above it. */
  public OptionalDouble processors() throws IOException {
    double least = Double.MAX_VALUE;
    for (Path each = folder();
        each != null && each.startsWith(tree.mount());
        each = each.getParent()) {
      least = Math.min(least, tree.controller().isEmpty() ? maximum(each) : quota(each));
    }
    return least == Double.MAX_VALUE ? OptionalDouble.empty() : OptionalDouble.of(least);
  }

  private static double maximum(Path folder) throws IOException {
    String[] words = text(folder.resolve("cpu.max")).orElse(NO_LIMIT).split(" ", -1);
    return words[0].equals(NO_LIMIT)
        ? Double.MAX_VALUE
        : Double.parseDouble(words[0]) / Double.parseDouble(words[1]);
  }

  private static double quota(Path folder) throws IOException {
    double quota = Double.parseDouble(text(folder.resolve("cpu.cfs_quota_us")).orElse("-1"));
    return quota <= 0
        ? Double.MAX_VALUE
        : quota / Double.parseDouble(text(folder.resolve("cpu.cfs_period_us")).orElse("100000"));
  }

  /**
   * A limit or a figure of it.
   *
   * @param file memory.max, pids.current, ...
   * @return empty if there is none
   */
  public OptionalLong number(String file) throws IOException {
    String text = text(folder().resolve(file)).orElse(NO_LIMIT);
    return text.equals(NO_LIMIT) ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
  }

  private static Optional<String> text(Path file) throws IOException {
    try {
      return Optional.of(Files.readString(file).strip());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /**
   * Moves a process with all its threads into it.
   *
   * @throws IOException if the kernel refuses
   */
  public void take(int pid) throws IOException {
    tree.move(pid, name);
  }
}
