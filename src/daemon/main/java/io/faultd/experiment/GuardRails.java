package io.faultd.experiment;

import io.faultd.fault.Aim;
import io.faultd.linux.file.FileIdentity;
import io.faultd.linux.ns.GroupPaths;
import io.faultd.linux.proc.Procfs;
import io.faultd.linux.proc.Stat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What is never a target unless the order names it: without these the node could not be put back,
 * or not be reached any more.
 *
 * <p>Looks at the node anew for each question, so that whoever is started later is protected, too.
 */
public final class GuardRails {
  private static final Path DEVICES = Path.of("/dev");

  private static final Set<String> NAMES =
      Set.of(
          "sshd",
          "sshd-session",
          "dbus-daemon",
          "dbus-broker",
          "dbus-broker-launch",
          "kubelet",
          "containerd",
          "dockerd",
          "crio",
          "runc",
          "crun",
          "conmon",
          "podman",
          "docker-proxy");

  private static final List<String> PREFIXES = List.of("systemd", "containerd-shim");
  private static final String WORKER = "io.faultd.worker.WorkerMain";

  /** Traffic that can be protected, by name. */
  public static final List<String> TRAFFIC =
      List.of("api", "ssh", "kubelet", "kubernetes", "dhcp", "metadata");

  private final Set<String> traffic;
  private final Procfs procfs;
  private final int self;
  private final Map<Path, String> trees = new LinkedHashMap<>();

  /**
   * Guards of this node.
   *
   * @param data the data folder
   * @param program folders and jars that the daemon runs from
   * @param traffic names of {@link #TRAFFIC}
   */
  public GuardRails(Path data, List<Path> program, Set<String> traffic) {
    this.traffic = Set.copyOf(traffic);
    this.procfs = Procfs.HOST;
    this.self = (int) ProcessHandle.current().pid();
    trees.put(Path.of("/proc"), "the kernel's own files");
    trees.put(Path.of("/sys"), "the kernel's own files");
    trees.put(Path.of("/run/faultd"), "faultd's own files");
    trees.put(data.toAbsolutePath(), "faultd's own data");
    program.forEach(each -> trees.put(each.toAbsolutePath(), "faultd's own program"));
  }

  /** Why a thing is protected; empty if it is not. */
  public Optional<String> guards(Aim aim) {
    return switch (aim.kind()) {
      case "process" -> process(aim);
      case "file", "folder" ->
          aim.trail().isEmpty() ? file(Path.of(aim.id())) : inContainer(aim.trail());
      case "container" -> container(aim.id());
      case "traffic" ->
          traffic.contains(aim.id())
              ? Optional.of("this node is reached by it, or needs it")
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  /**
   * Whether an order's {@code allow-protected} names a thing: by its name, pid or path.
   *
   * @param allowProtected the entries of the flag
   */
  public boolean allowed(Aim aim, List<String> allowProtected) {
    return allowProtected.contains(aim.id()) || allowProtected.contains(aim.name());
  }

  private Optional<String> process(Aim aim) {
    int pid = Integer.parseInt(aim.id());
    Optional<Stat> seen = procfs.stat(pid);
    if (seen.isEmpty()) {
      return Optional.empty();
    }
    Stat stat = seen.get();
    if (pid == 1) {
      return Optional.of("it is the first process of this node");
    }
    if (pid == self) {
      return Optional.of("it is faultd itself");
    }
    if (pid == procfs.stat(self).map(Stat::parent).orElse(0)) {
      return Optional.of("it is the parent of faultd");
    }
    if (stat.kernel()) {
      return Optional.of("it is a thread of the kernel");
    }
    List<String> arguments = procfs.arguments(pid);
    if (arguments.contains(WORKER)) {
      return Optional.of("it is a worker of faultd");
    }
    return essential(stat.name()) || !arguments.isEmpty() && essential(base(arguments.getFirst()))
        ? Optional.of("this node needs it")
        : Optional.empty();
  }

  private static boolean essential(String name) {
    return NAMES.contains(name) || PREFIXES.stream().anyMatch(name::startsWith);
  }

  /** The name of a program; some rewrite it into {@code sshd: root@pts/0}. */
  private static String base(String argument) {
    int colon = argument.indexOf(':');
    String program = colon < 0 ? argument : argument.substring(0, colon);
    return program.substring(program.lastIndexOf('/') + 1);
  }

  private static Optional<String> key(Path path) {
    try {
      Map<String, Object> seen = Files.readAttributes(path, "unix:dev,ino");
      return Optional.of(seen.get("dev") + ":" + seen.get("ino"));
    } catch (IOException absent) {
      return Optional.empty();
    }
  }

  private Optional<String> file(Path named) {
    Path path = resolved(named);
    Set<String> above = keys(path);
    Optional<String> itself = Files.isDirectory(path) ? key(path) : Optional.empty();
    for (Map.Entry<Path, String> tree : trees.entrySet()) {
      Path folder = resolved(tree.getKey());
      Optional<String> key = key(folder);
      boolean within = path.startsWith(folder) || key.isPresent() && above.contains(key.get());
      boolean around = itself.isPresent() && keys(folder).contains(itself.get());
      if (within || around) {
        return Optional.of(
            (within ? "it is of " : "it holds ") + tree.getKey() + ", " + tree.getValue());
      }
    }
    return path.startsWith(DEVICES) && device(path).equals(device(DEVICES))
        ? Optional.of("it is of /dev, the kernel's devices")
        : Optional.empty();
  }

  /** A path in a container means nothing here, but what it leads to may be a folder of the node. */
  private Optional<String> inContainer(List<FileIdentity> trail) {
    List<String> keys = trail.stream().map(GuardRails::key).toList();
    for (Map.Entry<Path, String> tree : trees.entrySet()) {
      Path folder = resolved(tree.getKey());
      boolean within = key(folder).filter(keys::contains).isPresent();
      if (within || keys(folder).contains(keys.getLast())) {
        return Optional.of(
            (within ? "it is of " : "it holds ") + tree.getKey() + ", " + tree.getValue());
      }
    }
    return Optional.empty();
  }

  private static String key(FileIdentity file) {
    return file.device() + ":" + file.inode();
  }

  /** The container that the daemon itself is in. */
  private Optional<String> container(String id) {
    try {
      return GroupPaths.of(self).values().stream()
          .filter(group -> GroupPaths.container(group, id).isPresent())
          .findFirst()
          .map(group -> "faultd runs in it");
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** The path without links, as far as it exists. */
  private static Path resolved(Path path) {
    Path missing = Path.of("");
    for (Path each = path.toAbsolutePath(); each != null; each = each.getParent()) {
      try {
        return each.toRealPath().resolve(missing).normalize();
      } catch (IOException absent) {
        Path name = each.getFileName();
        missing = name == null ? missing : name.resolve(missing);
      }
    }
    return path;
  }

  /** Device and inode of a file and of all above it: however it is named or mounted. */
  private static Set<String> keys(Path path) {
    Set<String> keys = new HashSet<>();
    for (Path each = path; each != null; each = each.getParent()) {
      key(each).ifPresent(keys::add);
    }
    return keys;
  }

  /** The device that a file is on, or would be; what is mounted below /dev is on another. */
  private static Optional<String> device(Path path) {
    for (Path each = path; each != null; each = each.getParent()) {
      Optional<String> key = key(each);
      if (key.isPresent()) {
        return key.map(found -> found.substring(0, found.indexOf(':')));
      }
    }
    return Optional.empty();
  }
}
