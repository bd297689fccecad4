package io.faultd.linux.ns;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Mark;
import io.faultd.linux.file.Contents;
import io.faultd.linux.file.Entries;
import io.faultd.linux.file.Mount;
import io.faultd.linux.file.Open;
import io.faultd.linux.file.Root;
import io.faultd.linux.file.Stat;
import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * A file system of ours in memory that lies over a folder in somebody's mount namespace, so that
 * something can be written there for a moment. What is in the folder shows through (overlayfs).
 *
 * <p>Its source is a {@link Mark}, by which it is found in mountinfo, and nothing else is ever
 * taken away.
 *
 * @param seer a process that sees it
 * @param mount as that one sees it
 * @param mark whose it is
 */
public record Cover(ProcessIdentity seer, Mount mount, Mark mark) {
  private static final String LOWER = "lower";
  private static final String UPPER = "upper";
  private static final String WORK = "work";
  private static final int ANYBODYS = 01777;

  /** What is written there is small; what others write meanwhile has an end. */
  private static final Map<String, String> ROOM = Map.of("size", "4m", "mode", "1777");

  private static final Map<String, String> LAYERS =
      new TreeMap<>(Map.of("lowerdir", LOWER, "upperdir", UPPER, "workdir", WORK));

  private static final int LOOKS = 3;

  static {
    Mounts.load();
  }

  /** What it is, for people. */
  public String describe() {
    return "%s at %s of process %d".formatted(mark.label(), mount.point(), seer.pid());
  }

  /**
   * Lays one over a folder, all at once: nobody sees anything in between.
   *
   * @param root of a process in that namespace
   * @param folder opened in there
   * @throws LinuxException why the kernel does not do it
   */
  public static void put(Root root, Fd folder, Mark mark) throws IOException {
    boolean empty = Entries.list(folder, mark.label()).isEmpty();
    try (Fd namespace = namespace(root);
        Fd memory = Mounts.made("tmpfs", mark.label(), ROOM)) {
      if (empty) {
        Inside.mounts(namespace, () -> Mounts.lay(memory, folder));
        return;
      }
      for (String each : List.of(LOWER, UPPER, WORK)) {
        Entries.makeFolder(memory, each, 0700, each);
      }
      try (Fd upper = Open.entry(memory, UPPER, UPPER)) {
        Contents.mode(upper, ANYBODYS, UPPER); // whose mode the overlay has
      }
      String source = mark.label();
      Inside.mounts(
          namespace,
          () -> {
            try (Fd overlay = overlay(memory, folder, source)) {
              Inside.enterMounts(namespace);
              Mounts.lay(overlay, folder);
            }
          });
    }
  }

  private static Fd namespace(Root root) throws LinuxException {
    String path = root.procfs() + "/ns/mnt";
    try (Fd handle = Open.followed(path)) {
      return Open.reading(handle, path); // setns(2) takes no O_PATH descriptor
    }
  }

  /** Whether two roots are of one mount namespace. */
  public static boolean alike(Root one, Root other) throws LinuxException {
    try (Fd namespace = namespace(one)) {
      return Inside.of(other.procfs() + "/ns/mnt", namespace, "mount namespace");
    }
  }

  /**
   * An overlay that is mounted nowhere. Its layers have to be mounted where it is made (before
   * Linux 6.15): in a copy of the namespace that only this thread is in, and that ends when it
   * leaves.
   */
  private static Fd overlay(Fd memory, Fd folder, String source) throws LinuxException {
    try (Fd lower = Mounts.copy(folder)) {
      Inside.freshMounts();
      Mounts.keepToOurselves();
      Mounts.layOverRoot(memory);
      Mounts.lay(lower, memory, LOWER);
      Mounts.enter(memory);
      return Mounts.made("overlay", source, LAYERS);
    }
  }

  /** Those that a process sees, of any daemon; empty if it is gone. */
  public static List<Cover> seenBy(ProcessIdentity seer, Procfs procfs) throws IOException {
    try (Root root = Root.of(seer, procfs)) {
      return seen(seer, root);
    } catch (IOException e) {
      if (leaves(seer, procfs, e)) {
        return List.of();
      }
      throw e;
    }
  }

  /** Whether a failure is that a process is gone, or on its way out. */
  private static boolean leaves(ProcessIdentity seer, Procfs procfs, IOException failure) {
    if (failure instanceof LinuxException refused) {
      if (refused.is(Errno.ESRCH)) {
        return true;
      }
      if (refused.is(Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM)) {
        return false; // it is we who cannot look; not even whether it is there
      }
    }
    return procfs.stat(seer).filter(stat -> !stat.ended()).isEmpty();
  }

  private static List<Cover> seen(ProcessIdentity seer, Root root) throws IOException {
    List<Cover> covers = new ArrayList<>();
    for (Mount mount : root.mounts()) {
      Mark.ofLabel(mount.source()).ifPresent(mark -> covers.add(new Cover(seer, mount, mark)));
    }
    return covers;
  }

  /**
   * All that any process of this node sees, of any daemon.
   *
   * @throws IOException if one that is there cannot be looked at
   */
  public static List<Cover> all(Procfs procfs) throws IOException {
    Map<Integer, Cover> found = new TreeMap<>();
    Set<String> views = new HashSet<>();
    for (int pid : procfs.pids()) {
      Optional<String> view = view(pid, procfs);
      if (view.isEmpty() || views.contains(view.get())) {
        continue;
      }
      Optional<ProcessIdentity> seer = procfs.identity(pid);
      try {
        if (seer.isPresent()) {
          seenBy(seer.get(), procfs).forEach(each -> found.put(each.mount.id(), each));
        }
      } catch (LinuxException e) {
        if (!e.is(Errno.EACCES, Errno.EPERM)) {
          throw e;
        }
        continue; // not for us to look at
      }
      if (seer.flatMap(procfs::stat).filter(stat -> !stat.ended()).isPresent()) {
        views.add(view.get()); // of one on its way out nothing is known
      } else if (view(pid, procfs).isPresent()) {
        throw new IOException("process " + pid + " cannot be looked at");
      }
    }
    return List.copyOf(found.values());
  }

  /** Which mounts a process sees, as a name for them; empty if it is gone, or not ours to see. */
  private static Optional<String> view(int pid, Procfs procfs) {
    Path folder = procfs.root().resolve(Integer.toString(pid));
    try {
      Path namespace = Files.readSymbolicLink(folder.resolve("ns/mnt"));
      return Optional.of(namespace + " " + Files.readSymbolicLink(folder.resolve("root")));
    } catch (IOException gone) {
      return Optional.empty(); // for a link no descriptor is needed, of which there may be none
    }
  }

  /**
   * Takes away all whose mark is one of those, whoever sees them.
   *
   * @return those that cannot be: somebody mounted something over them
   */
  public static List<Cover> removeAll(Predicate<Mark> whose, Procfs procfs) throws IOException {
    List<Cover> left = List.of();
    for (int look = 0; look < LOOKS; look++) {
      left = new ArrayList<>();
      for (Cover each : all(procfs)) {
        if (whose.test(each.mark) && !each.removed(procfs)) {
          left.add(each);
        }
      }
      if (left.isEmpty()) {
        break;
      }
    }
    return left;
  }

  /**
   * Takes it away; who has something of it open keeps that.
   *
   * @return whether it is gone; not if something is mounted over it, or nothing can be told because
   *     the process that saw it is gone
   */
  public boolean remove(Procfs procfs) throws IOException {
    try (Root root = Root.of(seer, procfs)) {
      if (!there(root)) {
        return true;
      }
      List<Mount> now = root.mounts();
      try (Fd top = root.folder(mount.point());
          Fd namespace = namespace(root)) {
        boolean bare = now.stream().noneMatch(each -> each.parent() == mount.id());
        if (!bare || Mount.of(top, now).filter(this::is).isEmpty()) {
          return false;
        }
        Stat ours = Stat.of(top, mount.point());
        Inside.mounts(
            namespace,
            () -> {
              // once more at the last moment: what is mounted over it would go with it
              if (on(root, ours)) {
                Mounts.detach(top);
              }
            });
      }
      return !there(root);
    } catch (IOException e) {
      if (leaves(seer, procfs, e)) {
        return false;
      }
      throw e;
    }
  }

  /** Whether this is what one comes to who looks for it by name. */
  private boolean on(Root root, Stat top) throws LinuxException {
    try (Fd seen = root.folder(mount.point())) {
      return Stat.of(seen, mount.point()).sameInode(top);
    }
  }

  /** One that cannot be taken away is left, and keeps nobody from the others. */
  private boolean removed(Procfs procfs) {
    try {
      return remove(procfs);
    } catch (IOException e) {
      return false;
    }
  }

  private boolean there(Root root) throws IOException {
    return root.mounts().stream().anyMatch(this::is);
  }

  /** Numbers of mounts are used again. */
  private boolean is(Mount other) {
    return other.id() == mount.id()
        && other.device().equals(mount.device())
        && other.source().equals(mount.source());
  }

  /** Whether something that is open is in it, or is its top. */
  public boolean holds(Fd fd) throws IOException {
    return Mount.of(fd, List.of(mount)).isPresent();
  }
}
