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
 * stops at a depth and a number of folders that no sane node exceeds. Containers have mounts of
 * their own: each mount namespace is looked at through one of its processes. What an overlay
 * changed is looked at through the overlay, and not beneath it.
 */
final class FileTraces implements Sweep.Traces {
  private static final int DEEPEST = 64;
  private static final int MOST_FOLDERS = 5_000_000;

  /** What is in a folder of ours in the /tmp of a JVM that is attached to. */
  private static final Set<String> ATTACHING = Set.of("agent.jar", "requests", "replies");

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
    List<View> views = View.all();
    try {
      Set<Path> folders = scope.folders();
      if (folders != null) {
        for (View view : views) {
          folders.forEach(folder -> walk.tree(view, folder.toString(), false));
        }
        return;
      }
      List<Mount> seen = new ArrayList<>();
      for (boolean layered : new boolean[] {true, false}) {
        for (View view : views) {
          for (Mount mount : view.mounts()) {
            if (mount.type().equals("overlay") == layered) {
              mount(view, mount, seen, walk);
            }
          }
        }
      }
    } finally {
      views.forEach(View::close);
    }
  }

  private static void mount(View view, Mount mount, List<Mount> seen, Walk walk) {
    if (LOCAL.contains(mount.type()) && !mount.readOnly() && !covered(mount, seen)) {
      seen.add(mount);
      walk.beneath(view, mount.upper());
      walk.tree(view, mount.point(), true);
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

    /** Folders that are looked at through the overlays above them: device and inode. */
    private final Set<String> layers = new HashSet<>();

    /** Folders that were named and have been looked at: device and inode. */
    private final Set<String> named = new HashSet<>();

    private int folders;

    Walk(Sweep.Scope scope, Sweep.Found found) {
      this.scope = scope;
      this.found = found;
    }

    private void beneath(View view, String upper) {
      if (!upper.isEmpty()) {
        try (Fd fd = view.root().folder(upper)) {
          layers.add(key(Stat.of(fd, upper)));
        } catch (LinuxException elsewhere) {
          return; // whoever mounted it sees other files
        }
      }
    }

    private static String key(Stat stat) {
      return stat.device() + ":" + stat.inode();
    }

    private void tree(View view, String path, boolean below) {
      try (Fd fd = view.root().folder(path)) {
        if (!below && !named.add(key(Stat.of(fd, path)))) {
          return; // another namespace shows the same folder
        }
        folder(fd, view.shown() + (path.equals("/") ? "" : path), below ? 0 : DEEPEST);
      } catch (IOException e) {
        failed(view.shown() + path, e);
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
        if (stat.isFolder() && !stat.isMountPoint() && !layers.contains(key(stat))) {
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
          .filter(mark -> !attaching(folder, mark, path + "/" + mark))
          .forEach(mark -> found.unsure(path + "/" + mark));
      try {
        Contents.syncFolder(folder, path);
      } catch (IOException e) {
        failed(path, e);
      }
    }

    /** Whether it was what attaching to a JVM leaves when it is cut short; then it is gone. */
    private boolean attaching(Fd folder, String mark, String path) {
      try (Fd fd = Open.entry(folder, mark, path)) {
        if (!Stat.of(fd, path).isFolder()) {
          return false;
        }
        List<String> names = Entries.list(fd, path).stream().map(Entries.Listed::name).toList();
        if (!ATTACHING.containsAll(names)) {
          return false;
        }
        for (String name : names) {
          Entries.unlink(fd, name, path + "/" + name);
        }
        Entries.removeFolder(folder, mark, path);
        found.undone(path);
        return true;
      } catch (IOException e) {
        failed(path, e);
        return false;
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
