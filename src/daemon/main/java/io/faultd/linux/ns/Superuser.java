package io.faultd.linux.ns;

import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * User and group 0 of somebody, as the daemon numbers them (user_namespaces(7)).
 *
 * @param user who is root there
 * @param group and its group
 */
public record Superuser(int user, int group) {
  /** That of this node. */
  public static final Superuser OWN = new Superuser(0, 0);

  /** That of a process; this node's own, if the process is gone or has none. */
  static Superuser of(int pid, Procfs procfs) {
    Path folder = procfs.root().resolve(Integer.toString(pid));
    return new Superuser(first(folder.resolve("uid_map")), first(folder.resolve("gid_map")));
  }

  private static int first(Path map) {
    try {
      return Files.readAllLines(map).stream()
          .map(line -> line.strip().split(" +", -1))
          .filter(words -> words[0].equals("0"))
          .findFirst()
          .map(words -> (int) Long.parseLong(words[1]))
          .orElse(0);
    } catch (NoSuchFileException gone) {
      return 0;
    } catch (IOException e) {
      if (Files.exists(map.getParent(), LinkOption.NOFOLLOW_LINKS)) {
        throw new UncheckedIOException(e); // or files would be made as the node's root
      }
      return 0;
    }
  }
}
