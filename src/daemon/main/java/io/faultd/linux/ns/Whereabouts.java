package io.faultd.linux.ns;

import io.faultd.linux.LinuxException;
import io.faultd.linux.file.Mount;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks for a network namespace wherever a name leads to one. */
final class Whereabouts {
  private static final String FIRST_PROCESS = "/proc/1";

  private Whereabouts() {}

  static Optional<Network> find(NetworkIdentity wanted) throws IOException {
    Optional<Network> there = at(wanted.path(), wanted);
    if (there.isEmpty()) {
      there = at(Network.OWN, wanted);
    }
    for (String path : there.isEmpty() ? mounted() : List.<String>of()) {
      there = at(path, wanted);
      if (there.isPresent()) {
        return there;
      }
    }
    return there.isPresent() ? there : ofProcess(wanted);
  }

  private static Optional<Network> ofProcess(NetworkIdentity wanted) throws IOException {
    String link = "net:[" + wanted.inode() + "]";
    for (int pid : Procfs.HOST.pids()) {
      Path each = Procfs.HOST.root().resolve(pid + "/ns/net");
      if (link.equals(target(each))) {
        Optional<Network> found = at(each.toString(), wanted);
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  static List<Network> all() throws IOException {
    List<String> paths = new ArrayList<>(List.of(Network.OWN));
    paths.addAll(mounted());
    for (int pid : Procfs.HOST.pids()) {
      paths.add(Procfs.HOST.root().resolve(pid + "/ns/net").toString());
    }
    Map<Long, Network> all = new LinkedHashMap<>();
    for (String path : paths) {
      try {
        Network network = Network.open(path);
        if (all.putIfAbsent(network.inode(), network) != null) {
          network.close();
        }
      } catch (LinuxException e) {
        if (e.shortage()) {
          all.values().forEach(Network::close);
          throw e;
        }
        continue; // a process that ended meanwhile
      }
    }
    return List.copyOf(all.values());
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException gone) {
      return "";
    }
  }

  /** Namespaces with names of their own: of this mount namespace, and of the first process's. */
  private static List<String> mounted() throws IOException {
    List<String> paths = new ArrayList<>();
    for (Mount mount : Mount.all()) {
      if (mount.root().startsWith("net:[")) {
        paths.add(mount.point());
      }
    }
    try {
      Path list = Path.of(FIRST_PROCESS, "mountinfo");
      for (Mount mount : Mount.parse(Files.readString(list, StandardCharsets.ISO_8859_1))) {
        if (mount.root().startsWith("net:[")) {
          paths.add(FIRST_PROCESS + "/root" + mount.point());
        }
      }
    } catch (IOException denied) {
      return paths; // the first process is not ours to look at
    }
    return paths;
  }

  private static Optional<Network> at(String path, NetworkIdentity wanted) throws IOException {
    Network network;
    try {
      network = Network.open(path);
    } catch (LinuxException gone) {
      if (gone.shortage()) {
        throw gone; // which says nothing about the namespace
      }
      return Optional.empty();
    }
    boolean same = false;
    try {
      same = network.is(wanted);
    } finally {
      if (!same) {
        network.close();
      }
    }
    return same ? Optional.of(network) : Optional.empty();
  }
}
