package io.faultd.linux.file;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Mark;
import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** From files to identities and back. */
public final class Identities {
  private Identities() {}

  /**
   * Who a file is.
   *
   * @param root where it was found
   * @param handle what is open
   * @param path its path there
   */
  public static FileIdentity of(Root root, Fd handle, String path) throws IOException {
    List<Mount> mounts = root.mounts();
    Optional<Mount> mount = Mount.of(handle, mounts);
    Stat stat = Stat.of(handle, path);
    return new FileIdentity(
        stat.device(),
        stat.inode(),
        Handle.of(handle, stat),
        mount.map(Mount::source).orElse(""),
        mount.map(Mount::root).orElse(""),
        path,
        root.viewer().orElse(null),
        mount.isPresent() ? Volume.of(root, mount.get(), mounts, handle) : null);
  }

  /**
   * A file by device and inode only: enough for claims, not for finding it again.
   *
   * @param path what people call it
   */
  public static FileIdentity bare(Fd handle, String path) throws LinuxException {
    Stat stat = Stat.of(handle, path);
    return new FileIdentity(stat.device(), stat.inode(), "", "", "", path);
  }

  /** Whether what is open is this file, in this boot or after others. */
  public static boolean is(Fd handle, FileIdentity wanted) throws IOException {
    Stat stat = Stat.of(handle, wanted.path());
    if (stat.inode() != wanted.inode() || !Handle.of(handle, stat).equals(wanted.handle())) {
      return false;
    }
    boolean numbered = stat.device() == wanted.device();
    if (numbered && (wanted.volume() == null || wanted.volume().id() == null)) {
      return true; // nothing else is known of what it was on
    }
    List<Mount> own = Mount.all();
    if (wanted.viewer() == null || Mount.of(handle, own).isPresent()) {
      return on(Root.OWN, own, handle, wanted, numbered);
    }
    try (Root root = root(wanted)) {
      return on(root, root.mounts(), handle, wanted, numbered);
    }
  }

  /**
   * Whether what has the inode and handle of a file is on its file system, too: numbers of devices
   * are given anew, by a boot or a mount, and a copy of a disk has the same inodes.
   */
  private static boolean on(
      Root root, List<Mount> all, Fd handle, FileIdentity wanted, boolean numbered)
      throws IOException {
    Optional<Mount> mount = Mount.of(handle, all);
    if (mount.isEmpty()) {
      return numbered; // unmounted since it was opened, or seen by who has ended since
    }
    if (wanted.volume() != null && wanted.volume().without(root, mount.get(), all, handle)) {
      return false;
    }
    return numbered
        || mount.get().source().equals(wanted.mountSource()) && has(mount.get(), wanted);
  }

  /** Whether a name in a folder is this file. */
  public static boolean is(Fd folder, String name, FileIdentity wanted) throws IOException {
    try (Fd entry = Open.entry(folder, name, wanted.path())) {
      return is(entry, wanted);
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT)) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Looks for a file: where it was, then through its handle wherever it is now; first as its viewer
   * sees it, then as we do. What nobody sees any more but a viewer that has ended is gone.
   *
   * @throws IOException if it cannot be looked for, which says nothing about it
   */
  public static Finding find(FileIdentity wanted) throws IOException {
    ProcessIdentity viewer = wanted.viewer();
    if (viewer == null) {
      return find(Root.OWN, wanted);
    }
    Optional<Finding> seen = seenBy(viewer, wanted);
    if (seen.isEmpty()) {
      return withoutViewer(wanted);
    }
    if (seen.get() instanceof Finding.Found || !Handle.opens(wanted.handle())) {
      return seen.get();
    }
    Finding own = byHandle(Root.OWN, wanted);
    return own instanceof Finding.Found ? own : seen.get();
  }

  /** As its viewer sees it; empty if that has ended. */
  private static Optional<Finding> seenBy(ProcessIdentity viewer, FileIdentity wanted)
      throws IOException {
    try (Root root = Root.of(viewer, Procfs.HOST)) {
      return Optional.of(find(root, wanted));
    } catch (IOException e) {
      if (lives(viewer, e)) {
        throw new IOException(
            "%s: process %d, which has it, cannot be looked into: %s"
                .formatted(wanted.path(), viewer.pid(), e.getMessage()),
            e);
      }
      return Optional.empty(); // what only it saw went with it
    }
  }

  private static Finding withoutViewer(FileIdentity wanted) throws IOException {
    Optional<Volume> layer = layer(wanted);
    if (layer.isPresent()) {
      return again(wanted, layer.get());
    }
    if (!Handle.opens(wanted.handle())) {
      return new Finding.Gone();
    }
    Finding own = byHandle(Root.OWN, wanted);
    boolean lasting =
        (own instanceof Finding.Away || own instanceof Finding.Unreachable)
            && Volume.named(wanted.mountSource(), wanted.volume());
    return own instanceof Finding.Found || lasting ? own : new Finding.Gone();
  }

  private static Optional<Volume> layer(FileIdentity file) {
    return Optional.ofNullable(file.volume()).filter(volume -> volume.layer().isPresent());
  }

  /**
   * What a file is on that comes back when its container is started again, as it was changed, and
   * is not found again then: a layer that is neither an overlay whose upper folder we see nor a
   * file system with a name of its own; empty if there is no such thing.
   *
   * @param root where it was found
   * @param handle what is open
   */
  public static Optional<String> unfollowed(Root root, Fd handle, FileIdentity file)
      throws IOException {
    Volume volume = file.volume();
    if (!root.lasting() || volume == null || volume.layer().isPresent()) {
      return Optional.empty();
    }
    boolean found = Handle.opens(file.handle()) && Volume.named(file.mountSource(), volume);
    return Mount.of(handle, root.mounts())
        .filter(mount -> !found && mount.point().equals("/"))
        .map(mount -> mount.upper().isEmpty() ? mount.type() : mount.type() + " " + mount.upper());
  }

  /** Looks for what was in a container that may have been started again. */
  private static Finding again(FileIdentity wanted, Volume layer) throws IOException {
    String upper = layer.layer().orElseThrow();
    try (Root root = root(wanted)) {
      if (root != Root.OWN) {
        return find(root, wanted);
      }
    }
    return Layer.kept(upper, Procfs.HOST)
        ? new Finding.Away(
            ("%s: its container has ended; what was changed in its layer (%s) is put back when it"
                    + " is started again, and forgotten when its runtime has removed the layer")
                .formatted(wanted.path(), upper))
        : new Finding.Gone();
  }

  /** Whether a process that could not be looked into is there all the same. */
  private static boolean lives(ProcessIdentity process, IOException why) {
    // what has left its namespaces is on its way out, and for a moment no zombie yet
    boolean leaving = why instanceof LinuxException no && no.is(Errno.ESRCH);
    try {
      return !leaving && Procfs.HOST.stat(process).filter(stat -> !stat.ended()).isPresent();
    } catch (UncheckedIOException unseen) {
      return true;
    }
  }

  /**
   * The root that a file that was found is seen in, as it is now, for the caller to close: its
   * viewer's, or when that has ended that of who is in the same container again, or our own.
   */
  public static Root root(FileIdentity file) throws IOException {
    ProcessIdentity viewer = file.viewer();
    if (viewer == null) {
      return Root.OWN;
    }
    try {
      return Root.of(viewer, Procfs.HOST);
    } catch (LinuxException e) {
      if (e.is(Errno.ESRCH)) {
        Optional<Volume> layer = layer(file);
        return layer.isEmpty() ? Root.OWN : Layer.shown(layer.get(), Procfs.HOST).orElse(Root.OWN);
      }
      throw e;
    }
  }

  private static Finding find(Root root, FileIdentity wanted) throws IOException {
    Optional<Fd> there = byPath(root, wanted, wanted.path());
    return there.isPresent() ? new Finding.Found(there.get()) : byHandle(root, wanted);
  }

  private static Optional<Fd> byPath(Root root, FileIdentity wanted, String path)
      throws IOException {
    Fd fd;
    try {
      fd = root.path(path);
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP, Errno.EACCES, Errno.ENXIO)) {
        return Optional.empty();
      }
      throw e;
    }
    boolean same = false;
    try {
      same = is(fd, wanted);
    } finally {
      if (!same) {
        fd.close();
      }
    }
    return same ? Optional.of(fd) : Optional.empty();
  }

  private static Finding byHandle(Root root, FileIdentity wanted) throws IOException {
    boolean opens = Handle.opens(wanted.handle());
    boolean told = opens || wanted.volume() != null && wanted.volume().id() != null;
    List<Mount> mounts = told ? candidates(root.mounts(), wanted) : List.of();
    if (told && mounts.isEmpty()) {
      return new Finding.Away(
          "nothing is mounted from %s now, where %s was"
              .formatted(wanted.mountSource(), wanted.path()));
    }
    if (!opens) {
      return byMark(root, wanted);
    }
    Finding none = new Finding.Unreachable("");
    for (Mount mount : mounts) {
      try (Fd point = root.followed(mount.point());
          Fd reading = Open.reading(point, mount.point())) {
        if (wanted.volume() != null && wanted.volume().without(mount, reading)) {
          none =
              new Finding.Away(
                  "another file system is mounted from %s now than the one where %s was"
                      .formatted(mount.source(), wanted.path()));
          continue;
        }
        Optional<Fd> fd = Handle.open(wanted.handle(), reading, wanted.path());
        if (fd.isEmpty()) {
          return new Finding.Gone();
        }
        return alive(fd.get(), wanted);
      } catch (LinuxException e) {
        none = new Finding.Unreachable(String.valueOf(e.getMessage()));
      }
    }
    return none;
  }

  /**
   * Where files cannot be opened by their handles: below a mark of ours on its way, which is what
   * it has for a name until all that is made with it is complete.
   */
  private static Finding byMark(Root root, FileIdentity wanted) throws IOException {
    String path = wanted.path();
    for (int slash = path.lastIndexOf('/'); slash >= 0; slash = path.lastIndexOf('/', slash - 1)) {
      int end = path.indexOf('/', slash + 1);
      String rest = end < 0 ? "" : path.substring(end);
      Optional<Fd> found = byMark(root, path.substring(0, slash), rest, wanted);
      if (found.isPresent()) {
        return new Finding.Found(found.get());
      }
    }
    return new Finding.Missing(
        path + ": is not there, and on its file system nobody can tell what became of it");
  }

  private static Optional<Fd> byMark(Root root, String folder, String rest, FileIdentity wanted)
      throws IOException {
    List<Entries.Listed> listed;
    try (Fd fd = root.folder(folder + "/")) {
      listed = Entries.list(fd, folder);
    } catch (LinuxException e) {
      return Optional.empty(); // not there now
    }
    for (Entries.Listed each : listed) {
      if (Mark.of(each.name()).isPresent()) {
        Optional<Fd> fd = byPath(root, wanted, folder + "/" + each.name() + rest);
        if (fd.isPresent()) {
          return fd;
        }
      }
    }
    return Optional.empty();
  }

  // an inode that is open somewhere outlives its last name
  private static Finding alive(Fd fd, FileIdentity wanted) throws IOException {
    boolean alive = false;
    try {
      alive = Stat.of(fd, wanted.path()).links() > 0 && is(fd, wanted);
    } finally {
      if (!alive) {
        fd.close();
      }
    }
    return alive ? new Finding.Found(fd) : new Finding.Gone();
  }

  /** Mounts of the file system that the file was on; those of the same root first. */
  private static List<Mount> candidates(List<Mount> all, FileIdentity wanted) {
    List<Mount> same = new ArrayList<>();
    for (Mount mount : all) {
      if (!mount.source().equals(wanted.mountSource()) || !has(mount, wanted)) {
        continue;
      }
      same.add(mount.root().equals(wanted.mountRoot()) ? 0 : same.size(), mount);
    }
    return same;
  }

  // sources such as "tmpfs" are of many file systems: there the device must agree, too
  private static boolean has(Mount mount, FileIdentity wanted) {
    if (wanted.volume() != null && wanted.volume().overlay()) {
      return wanted.volume().layered(mount);
    }
    if (Volume.named(wanted.mountSource(), wanted.volume())) {
      return true;
    }
    int colon = mount.device().indexOf(':');
    return Stat.device(
            Long.parseLong(mount.device().substring(0, colon)),
            Long.parseLong(mount.device().substring(colon + 1)))
        == wanted.device();
  }

  /** What became of a file. */
  public sealed interface Finding {
    /**
     * Here it is.
     *
     * @param handle an O_PATH descriptor, for the caller to close
     */
    record Found(Fd handle) implements Finding {}

    /** It was deleted. */
    record Gone() implements Finding {}

    /**
     * It is not where it was, and its file system cannot tell whether it was moved or deleted.
     *
     * @param why for people
     */
    record Missing(String why) implements Finding {}

    /**
     * Its file system is not mounted now where it was seen.
     *
     * @param why for people
     */
    record Away(String why) implements Finding {}

    /**
     * Its file system cannot be asked now, which says nothing about it.
     *
     * @param why for people
     */
    record Unreachable(String why) implements Finding {}
  }
}
