package io.faultd.linux.file;

import io.faultd.linux.Errno;
import io.faultd.linux.LinuxException;
import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The writable layer of a container that has ended, of a runtime that may start it again: its files
 * are then seen by another process, and until then by nobody.
 */
final class Layer {
  private Layer() {}

  /** The root of a process that has it as its root now, for the caller to close. */
  static Optional<Root> shown(Volume layer, Procfs procfs) throws IOException {
    Set<String> known = new HashSet<>();
    for (int pid : procfs.pids()) {
      try {
        String namespace =
            Files.readSymbolicLink(procfs.root().resolve(pid + "/ns/mnt")).toString();
        Optional<ProcessIdentity> process = procfs.identity(pid);
        if (process.isEmpty() || !known.add(namespace)) {
          continue;
        }
        Root root = Root.of(process.get(), procfs);
        boolean shows = false;
        try {
          shows =
              root.mounts().stream()
                  .anyMatch(mount -> mount.point().equals("/") && layer.layered(mount));
        } finally {
          if (!shows) {
            root.close();
          }
        }
        if (shows) {
          return Optional.of(root);
        }
      } catch (IOException gone) {
        continue; // or on its way out
      }
    }
    return Optional.empty();
  }

  /**
   * Whether its runtime still has it: where it is for us, or for the first process.
   *
   * @param upper its folder, as the runtime names it
   */
  static boolean kept(String upper, Procfs procfs) throws LinuxException {
    if (there(Root.OWN, upper)) {
      return true;
    }
    Optional<ProcessIdentity> first = procfs.identity(1);
    if (first.isEmpty()) {
      return false;
    }
    try (Root root = Root.of(first.get(), procfs)) {
      return there(root, upper);
    } catch (LinuxException e) {
      if (e.is(Errno.EACCES, Errno.EPERM)) { // we may not look, and never saw it there
        return false;
      }
      throw e;
    }
  }

  private static boolean there(Root root, String folder) throws LinuxException {
    try {
      root.folder(folder).close();
      return true;
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT, Errno.ENOTDIR)) {
        return false;
      }
      throw e;
    }
  }
}
