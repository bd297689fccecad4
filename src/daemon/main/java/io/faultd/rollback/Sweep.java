package io.faultd.rollback;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Mark;
import io.faultd.linux.file.Contents;
import io.faultd.linux.file.Entries;
import io.faultd.linux.file.Mount;
import io.faultd.linux.file.Note;
import io.faultd.linux.file.Open;
import io.faultd.linux.file.Stat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Looks for our marks on the node's files when no record tells of them, and undoes what they tell.
 *
 * <p>Goes through local file systems only, one at a time, follows no link, and stops at a depth and
 * a number of folders that no sane node exceeds. Not for use while a daemon works on the node.
 */
public final class Sweep {
  private static final int DEEPEST = 64;
  private static final int MOST_FOLDERS = 5_000_000;
  private static final Set<String> LOCAL =
      Set.of(
          "ext2",
          "ext3",
          "ext4",
          "xfs",
          "btrfs",
          "f2fs",
          "jfs",
          "reiserfs",
          "nilfs2",
          "bcachefs",
          "zfs",
          "vfat",
          "exfat",
          "ntfs3",
          "tmpfs",
          "ramfs",
          "overlay");

  private final @Nullable String uid;
  private final List<String> undone = new ArrayList<>();
  private final List<String> unsure = new ArrayList<>();
  private int folders;

  private Sweep(@Nullable String uid) {
    this.uid = uid;
  }

  /**
   * What a sweep found.
   *
   * @param undone what was put back
   * @param unsure what may be ours and was not touched
   */
  public record Swept(List<String> undone, List<String> unsure) {}

  /**
   * Sweeps all local file systems.
   *
   * @param uid of one experiment; absent: of all
   */
  public static Swept node(@Nullable String uid) throws IOException {
    Sweep sweep = new Sweep(uid);
    List<Mount> seen = new ArrayList<>();
    for (Mount mount : Mount.all()) {
      if (LOCAL.contains(mount.type()) && !mount.readOnly() && !covered(mount, seen)) {
        seen.add(mount);
        sweep.tree(mount.point());
      }
    }
    PacketSweep.node(uid, sweep.undone, sweep.unsure);
    return sweep.swept();
  }

  /**
   * Sweeps one folder and all below it on the same file system.
   *
   * @param uid of one experiment; absent: of all
   */
  public static Swept folder(String path, @Nullable String uid) throws IOException {
    Sweep sweep = new Sweep(uid);
    sweep.tree(path);
    return sweep.swept();
  }

  private Swept swept() {
    return new Swept(List.copyOf(undone), List.copyOf(unsure));
  }

  /** Whether the same part of the same file system was seen through another mount. */
  private static boolean covered(Mount mount, List<Mount> seen) {
    return seen.stream()
        .anyMatch(other ->
            other.device().equals(mount.device())
                && (other.root().equals("/")
                    || mount.root().equals(other.root())
                    || mount.root().startsWith(other.root() + "/")));
  }

  private void tree(String path) throws IOException {
    try (Fd fd = Open.folder(path)) {
      folder(fd, path.equals("/") ? "" : path, 0);
    } catch (LinuxException e) {
      if (!e.is(Errno.ENOENT, Errno.ENOTDIR, Errno.EACCES)) {
        throw e;
      }
    }
  }

  private void folder(Fd fd, String path, int depth) throws IOException {
    if (++folders > MOST_FOLDERS || depth > DEEPEST) {
      unsure.add(path + ": not searched");
      return;
    }
    List<Entries.Listed> listed;
    try {
      listed = Entries.list(fd, path);
    } catch (LinuxException e) {
      return; // gone or closed to us: nothing to be done there
    }
    List<String> marks =
        listed.stream().map(Entries.Listed::name).filter(this::wanted).collect(Collectors.toList());
    if (!marks.isEmpty()) {
      marks(fd, path, marks);
    }
    for (Entries.Listed each : listed) {
      if (each.maybeFolder() && Mark.of(each.name()).isEmpty()) {
        enter(fd, each.name(), path + "/" + each.name(), depth);
      }
    }
  }

  private void enter(Fd parent, String name, String path, int depth) throws IOException {
    try (Fd fd = Open.entry(parent, name, path)) {
      Stat stat = Stat.of(fd, path);
      // other file systems have their turn; a link is opened itself and is no folder
      if (stat.isFolder() && !stat.isMountPoint()) {
        folder(fd, path, depth + 1);
      }
    } catch (LinuxException e) {
      if (!e.is(Errno.ENOENT, Errno.EACCES)) {
        throw e;
      }
    }
  }

  private boolean wanted(String name) {
    return Mark.of(name).filter(mark -> uid == null || mark.uid().equals(uid)).isPresent();
  }

  private void marks(Fd folder, String path, List<String> marks) throws IOException {
    Set<String> told = new HashSet<>();
    for (String mark : marks) {
      Note note = Note.read(folder, mark, path + "/" + mark).orElse(null);
      if (note != null) {
        told.add(mark);
        told.add(note.hidden());
        restore(folder, path, mark, note);
      }
    }
    for (String mark : marks) {
      if (!told.contains(mark)) {
        unsure.add(path + "/" + mark);
      }
    }
    Contents.syncFolder(folder, path);
  }

  private void restore(Fd folder, String path, String mark, Note note) throws IOException {
    try {
      Entries.rename(folder, note.hidden(), folder, note.name());
      undone.add(path + "/" + note.name());
    } catch (LinuxException e) {
      if (e.is(Errno.EEXIST)) {
        unsure.add(
            "%s/%s: was %s, whose name is taken".formatted(path, note.hidden(), note.name()));
        return;
      }
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
      undone.add(path + "/" + mark); // only the note was left
    }
    Entries.unlink(folder, mark, path + "/" + mark);
  }
}
