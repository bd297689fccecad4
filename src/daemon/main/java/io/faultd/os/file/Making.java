package io.faultd.os.file;

import io.faultd.fault.Injection;
import io.faultd.fault.Undo;
import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.file.Contents;
import io.faultd.linux.file.Entries;
import io.faultd.linux.file.FileIdentity;
import io.faultd.linux.file.Open;
import io.faultd.linux.file.Stat;
import io.faultd.linux.ns.Superuser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes files and folders so that they are known before they are there for others. */
final class Making {
  private static final int FILE = 0644;
  private static final int FOLDER = 0755;

  private Making() {}

  /** Makes a file that has everything before it has its name. */
  static void file(Injection on, Site site, Filling filling) throws IOException {
    Optional<Fd> nameless = Open.nameless(site.descriptor(), FILE, site.path());
    if (nameless.isPresent()) {
      try (Fd fd = nameless.get()) {
        owned(on, fd, site.path());
        on.undo(filled(fd, site, null, filling));
        named(site, () -> Entries.link(fd, site.descriptor(), site.name(), site.path()));
      }
    } else {
      hidden(on, site, filling);
    }
  }

  /** The same where the file system has no nameless files. */
  static void hidden(Injection on, Site site, Filling filling) throws IOException {
    String hidden = on.mark().toString();
    on.undo(new Undo.HiddenEntry(site.folder(), hidden, site.path() + " being made"));
    try (Fd fd = Open.made(site.descriptor(), hidden, FILE, site.path())) {
      owned(on, fd, site.path());
      on.undo(filled(fd, site, hidden, filling));
      named(site, () -> Entries.rename(site.descriptor(), hidden, site.descriptor(), site.name()));
    }
  }

  private static Undo filled(Fd fd, Site site, @Nullable String hidden, Filling filling)
      throws IOException {
    filling.fill(fd);
    Contents.sync(fd, site.path());
    Stat stat = Stat.of(fd, site.path());
    FileIdentity file = site.identity(fd, site.path());
    return new Undo.FileMade(
        file, site.folder(), site.name(), hidden, stat.size(), stat.modified());
  }

  /**
   * Makes a folder and others in it, all of which appear at once.
   *
   * @param below names of folders, each in the one before
   * @param leaf name and filling of a file in the last
   */
  static void folders(Injection on, Site site, List<String> below, @Nullable Leaf leaf)
      throws IOException {
    String hidden = on.mark().toString();
    on.undo(new Undo.HiddenEntry(site.folder(), hidden, site.path() + " being made"));
    List<Undo> steps = new ArrayList<>();
    List<Fd> open = new ArrayList<>();
    try {
      Fd parent = site.descriptor();
      FileIdentity folder = site.folder();
      String path = site.path();
      List<String> names = new ArrayList<>(List.of(site.name()));
      names.addAll(below);
      for (int i = 0; i < names.size(); i++) {
        String name = names.get(i);
        String first = i == 0 ? hidden : name;
        path = i == 0 ? path : path + "/" + name;
        Entries.makeFolder(parent, first, FOLDER, path);
        parent = Open.entry(parent, first, path);
        open.add(parent);
        owned(on, parent, path);
        FileIdentity made = site.identity(parent, path);
        steps.add(new Undo.FolderMade(made, folder, name));
        folder = made;
      }
      if (leaf != null) {
        steps.add(leaf(on, site, parent, folder, leaf));
      }
      on.undo(steps);
      named(site, () -> Entries.rename(site.descriptor(), hidden, site.descriptor(), site.name()));
    } finally {
      open.forEach(Fd::close);
    }
  }

  private static Undo leaf(Injection on, Site site, Fd parent, FileIdentity folder, Leaf leaf)
      throws IOException {
    String path = folder.path() + "/" + leaf.name();
    try (Fd fd = Open.made(parent, leaf.name(), FILE, path)) {
      owned(on, fd, path);
      leaf.filling().fill(fd);
      Contents.sync(fd, path);
      Stat stat = Stat.of(fd, path);
      return new Undo.FileMade(
          site.identity(fd, path), folder, leaf.name(), null, stat.size(), stat.modified());
    }
  }

  /** Root of a user namespace could not change what is of the node's root. */
  private static void owned(Injection on, Fd made, String path) throws LinuxException {
    Superuser root = on.target().superuser();
    if (!root.equals(Superuser.OWN)) {
      Contents.owner(made, root.user(), root.group(), path);
    }
  }

  private static void named(Site site, Naming naming) throws IOException {
    try {
      naming.name();
    } catch (LinuxException e) {
      if (e.is(Errno.EEXIST)) {
        throw Site.conflict(site.flag(), "was made by somebody else just now: " + site.path());
      }
      throw e;
    }
  }

  /**
   * A file in a new folder.
   *
   * @param name its name
   * @param filling what is in it
   */
  record Leaf(String name, Filling filling) {}

  /** Gives a new file all it is to have. */
  interface Filling {
    void fill(Fd fd) throws IOException;
  }

  /** Makes something appear. */
  private interface Naming {
    void name() throws IOException;
  }
}
