package io.faultd.linux.file;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import java.io.IOException;
import java.util.Optional;

/** Removes for good, folders with all that is in them; follows no link and enters no mount. */
public final class Removal {
  private static final int DEEPEST = 1000;

  private Removal() {}

  /**
   * Counts what {@link #remove} would remove.
   *
   * @param limit where to stop counting
   * @throws LinuxException EBUSY if something is mounted in there, EPERM if something in there is
   *     immutable; its path says what
   */
  public static int count(Fd folder, String name, String path, int limit) throws IOException {
    return count(folder, name, path, limit, 0);
  }

  private static int count(Fd folder, String name, String path, int limit, int depth)
      throws IOException {
    Optional<Stat> found = Stat.of(folder, name, path);
    if (found.isEmpty()) {
      return 0;
    }
    Stat stat = found.get();
    if (stat.isMountPoint()) {
      throw new LinuxException("unlinkat", Errno.EBUSY.number(), path);
    }
    if (stat.isImmutable() || stat.isAppendOnly()) {
      throw new LinuxException("unlinkat", Errno.EPERM.number(), path);
    }
    int count = 1;
    if (stat.isFolder()) {
      tooDeep(depth, path);
      try (Fd inside = Open.entry(folder, name, path)) {
        for (String each : Entries.names(inside, path)) {
          if (count > limit) {
            break;
          }
          count += count(inside, each, path + "/" + each, limit - count, depth + 1);
        }
      }
    }
    return count;
  }

  /** Removes a name and all below it; nothing there is fine. */
  public static void remove(Fd folder, String name, String path) throws IOException {
    remove(folder, name, path, 0);
  }

  private static void remove(Fd folder, String name, String path, int depth) throws IOException {
    Optional<Stat> found = Stat.of(folder, name, path);
    if (found.isEmpty()) {
      return;
    }
    if (!found.get().isFolder()) {
      Entries.unlink(folder, name, path);
      return;
    }
    if (found.get().isMountPoint()) {
      throw new LinuxException("unlinkat", Errno.EBUSY.number(), path);
    }
    tooDeep(depth, path);
    try (Fd inside = Open.entry(folder, name, path)) {
      for (String each : Entries.names(inside, path)) {
        remove(inside, each, path + "/" + each, depth + 1);
      }
    }
    Entries.removeFolder(folder, name, path);
  }

  private static void tooDeep(int depth, String path) throws LinuxException {
    if (depth > DEEPEST) {
      throw new LinuxException("unlinkat", Errno.ELOOP.number(), path);
    }
  }
}
