package io.faultd.rollback;

import io.faultd.linux.LinuxException;
import io.faultd.linux.file.Mount;
import io.faultd.linux.file.Root;
import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A mount namespace, as one of its processes sees it.
 *
 * @param root its files
 * @param shown what comes before its paths when people are told of them
 */
record View(Root root, String shown) implements AutoCloseable {

  /** All of this node, the daemon's own first. */
  static List<View> all() throws IOException {
    List<View> views = new ArrayList<>(List.of(new View(Root.OWN, "")));
    Set<String> known = new HashSet<>();
    known.add(namespace("self"));
    for (int pid : Procfs.HOST.pids()) {
      String namespace = namespace(Integer.toString(pid));
      Optional<ProcessIdentity> process = Procfs.HOST.identity(pid);
      if (!namespace.isEmpty() && process.isPresent() && !known.contains(namespace)) {
        try {
          views.add(new View(Root.of(process.get(), Procfs.HOST), "/proc/" + pid + "/root"));
          known.add(namespace);
        } catch (LinuxException gone) {
          continue; // another of its processes will do
        }
      }
    }
    return views;
  }

  private static String namespace(String pid) {
    try {
      return Files.readSymbolicLink(Procfs.HOST.root().resolve(pid).resolve("ns/mnt")).toString();
    } catch (IOException gone) {
      return "";
    }
  }

  /** Its mounts; none if its process has ended meanwhile. */
  List<Mount> mounts() {
    try {
      return root.mounts();
    } catch (IOException gone) {
      return List.of();
    }
  }

  @Override
  public void close() {
    root.close();
  }
}
