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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Names in folders that are our marks.
 *
 * <p>Of the whole node it goes through local file systems only, one at a time, follows no link, and
 * stops at a depth and a number of folders that no sane node exceeds.
 */
final class FileTraces implements Sweep.Traces {
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

  @Override
  public String what() {
    return "hidden files";
  }

  @Override
  public void look(Sweep.Scope scope, Sweep.Found found) throws IOException {
    Walk walk = new Walk(scope, found);
    Set<Path> folders = scope.folders();
    if (folders != null) {
      folders.forEach(folder -> walk.tree(folder.toString(), false));
      return;
    }
    List<Mount> seen = new ArrayList<>();
    for (Mount mount : Mount.all()) {
      if (LOCAL.contains(mount.type()) && !mount.readOnly() && !covered(mount, seen)) {
        seen.add(mount);
        walk.tree(mount.point(), true);
      }
    }
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

  /** One walk; what cannot be read or put back is told, and hinders nothing else. */
  private static final class Walk {
    private final Sweep.Scope scope;
    private final Sweep.Found found;
    private int folders;

    Walk(Sweep.Scope scope, Sweep.Found found) {
      this.scope = scope;
      this.found = found;
    }

    private void tree(String path, boolean below) {
      try (Fd fd = Open.folder(path)) {
        folder(fd, path.equals("/") ? "" : path, below ? 0 : DEEPEST);
      } catch (IOException e) {
        failed(path, e);
      }
    }

    /** What is not there, or no folder, is nothing to tell of. */
    private void failed(String path, IOException e) {
      if (!(e instanceof LinuxException failure
          && failure.is(Errno.ENOENT, Errno.ENOTDIR, Errno.EACCES, Errno.ESTALE))) {
        found.unsure(path + ": " + e.getMessage());
      }
    }

    private void folder(Fd fd, String path, int depth) {
      if (++folders > MOST_FOLDERS || depth > DEEPEST) {
        found.unsure(path + ": not searched");
        return;
      }
      List<Entries.Listed> listed;
      try {
        listed = Entries.list(fd, path);
      } catch (IOException e) {
        failed(path, e);
        return;
      }
      List<String> marks =
          listed.stream()
              .map(Entries.Listed::name)
              .filter(name -> Mark.of(name).filter(scope::wants).isPresent())
              .collect(Collectors.toList());
      if (!marks.isEmpty()) {
        marks(fd, path, marks);
      }
      for (Entries.Listed each : listed) {
        if (depth < DEEPEST && each.maybeFolder() && Mark.of(each.name()).isEmpty()) {
          enter(fd, each.name(), path + "/" + each.name(), depth);
        }
      }
    }

    private void enter(Fd parent, String name, String path, int depth) {
      try (Fd fd = Open.entry(parent, name, path)) {
        Stat stat = Stat.of(fd, path);
        // other file systems have their turn; a link is opened itself and is no folder
        if (stat.isFolder() && !stat.isMountPoint()) {
          folder(fd, path, depth + 1);
        }
      } catch (IOException e) {
        failed(path, e);
      }
    }

    private void marks(Fd folder, String path, List<String> marks) {
      Set<String> told = new HashSet<>();
      for (String mark : marks) {
        try {
          Note note = Note.read(folder, mark, path + "/" + mark).orElse(null);
          if (note != null) {
            told.add(mark);
            told.add(note.hidden());
            restore(folder, path, mark, note);
          }
        } catch (IOException e) {
          found.unsure(path + "/" + mark + ": " + e.getMessage());
        }
      }
      marks.stream()
          .filter(mark -> !told.contains(mark))
          .forEach(mark -> found.unsure(path + "/" + mark));
      try {
        Contents.syncFolder(folder, path);
      } catch (IOException e) {
        failed(path, e);
      }
    }

    private void restore(Fd folder, String path, String mark, Note note) throws IOException {
      boolean back = true;
      try {
        Entries.rename(folder, note.hidden(), folder, note.name());
      } catch (LinuxException e) {
        if (e.is(Errno.EEXIST)) {
          found.unsure(
              "%s/%s: was %s, whose name is taken".formatted(path, note.hidden(), note.name()));
          return;
        }
        if (!e.is(Errno.ENOENT)) {
          throw e;
        }
        back = false; // only the note was left
      }
      found.undone(path + "/" + (back ? note.name() : mark));
      Entries.unlink(folder, mark, path + "/" + mark);
    }
  }
}
