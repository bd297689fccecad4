package io.faultd.rollback;

import static io.faultd.rollback.Located.find;
import static io.faultd.rollback.Located.lives;
import static io.faultd.rollback.Located.with;

import io.faultd.fault.Undo;
import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Mark;
import io.faultd.linux.file.Contents;
import io.faultd.linux.file.Entries;
import io.faultd.linux.file.FileIdentity;
import io.faultd.linux.file.Identities;
import io.faultd.linux.file.Open;
import io.faultd.linux.file.Removal;
import io.faultd.linux.file.Root;
import io.faultd.linux.file.Stat;
import java.io.IOException;
import java.util.Optional;

/** Takes back what was done to modes and names of files. */
final class FileReversal {
  private static final Outcome UNDONE = new Outcome.Undone();

  private FileReversal() {}

  static Outcome mode(Undo.FileMode step) throws IOException {
    String path = step.file().path();
    return with(
        step.file(),
        file -> {
          int now = Stat.of(file, path).permissions();
          if (now != step.before() && now != step.after()) {
            return new Outcome.Conflict(
                "%s: its mode was changed to %04o meanwhile, which stays (before: %04o)"
                    .formatted(path, now, step.before()));
          }
          if (now != step.before()) {
            Contents.mode(file, step.before(), path);
          }
          sync(file, step.file());
          return UNDONE;
        },
        () -> new Outcome.Conflict(path + ": was deleted by somebody else meanwhile"));
  }

  /** Of links, sockets, FIFOs and devices only the folder: they are never opened. */
  private static void sync(Fd file, FileIdentity known) throws IOException {
    String path = known.path();
    Stat stat = Stat.of(file, path);
    if (stat.isRegular() || stat.isFolder()) {
      try (Fd reading = Open.reading(file, path)) {
        Contents.sync(reading, path);
      }
      return;
    }
    String now = Entries.path(file);
    try (Root root = Identities.root(known);
        Fd folder = root.folder(now.substring(0, Math.max(1, now.lastIndexOf('/'))))) {
      Contents.syncFolder(folder, now);
    }
  }

  static Outcome renamed(Undo.FileRenamed step, boolean force) throws IOException {
    return with(
        step.newFolder(),
        from ->
            Identities.is(from, step.newName(), step.file())
                ? with(step.folder(), to -> back(step, from, to, force), () -> lost(step, force))
                : elsewhere(step),
        () -> elsewhere(step),
        why -> isBack(step) ? UNDONE : new Outcome.Stuck(why));
  }

  private static Outcome back(Undo.FileRenamed step, Fd from, Fd to, boolean force)
      throws IOException {
    String path = step.folder().path() + "/" + step.name();
    Outcome outcome = UNDONE;
    try {
      Entries.rename(from, step.newName(), to, step.name());
    } catch (LinuxException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
      if (!force) {
        return new Outcome.Stuck(
            "%s: something new has this name; what had it before is kept as %s"
                .formatted(path, kept(step)));
      }
      Entries.rename(from, step.newName(), to, substitute(step));
      outcome =
          new Outcome.Conflict(
              "%s: something new has this name; what had it before is now %s"
                  .formatted(path, step.folder().path() + "/" + substitute(step)));
    }
    Contents.syncFolder(to, path);
    Contents.syncFolder(from, kept(step));
    return outcome;
  }

  /** The folder to go back to is gone: with force it is at least given its name again. */
  private static Outcome lost(Undo.FileRenamed step, boolean force) throws IOException {
    String path = step.folder().path();
    if (!force) {
      return new Outcome.Stuck(
          "%s: this folder is gone; what was %s in it is kept as %s"
              .formatted(path, step.name(), kept(step)));
    }
    return with(
        step.newFolder(),
        from -> {
          Entries.rename(from, step.newName(), from, substitute(step));
          Contents.syncFolder(from, kept(step));
          return new Outcome.Conflict(
              "%s: this folder is gone; what was %s in it is now %s"
                  .formatted(path, step.name(), step.newFolder().path() + "/" + substitute(step)));
        },
        () -> elsewhere(step));
  }

  private static String kept(Undo.FileRenamed step) {
    return step.newFolder().path() + "/" + step.newName();
  }

  /** {@code NAME.faultd-UID}, the uid being that of the mark. */
  private static String substitute(Undo.FileRenamed step) {
    String uid =
        Mark.of(step.newName())
            .map(Mark::uid)
            .orElseGet(() -> Long.toHexString(step.file().inode()));
    String end = ".faultd-" + uid;
    String name = step.name();
    while ((name + end).getBytes(java.nio.charset.StandardCharsets.UTF_8).length > 255) {
      name = name.substring(0, name.offsetByCodePoints(name.length(), -1));
    }
    return name + end;
  }

  private static boolean isBack(Undo.FileRenamed step) throws IOException {
    Optional<Fd> folder = find(step.folder());
    if (folder.isPresent()) {
      try (Fd there = folder.get()) {
        if (Identities.is(there, step.name(), step.file())) {
          Contents.syncFolder(there, step.folder().path());
          return true;
        }
      }
    }
    return false;
  }

  private static Outcome elsewhere(Undo.FileRenamed step) throws IOException {
    if (isBack(step)) {
      return UNDONE;
    }
    String path = step.folder().path() + "/" + step.name();
    return new Outcome.Conflict(
        lives(step.file())
            ? path + ": was moved by somebody else meanwhile, and stays where it is"
            : path + ": was deleted for good by somebody else meanwhile");
  }

  static Outcome made(Undo.FileMade step) throws IOException {
    return with(step.folder(), folder -> made(step, folder), () -> UNDONE, Outcome.Conflict::new);
  }

  private static Outcome made(Undo.FileMade step, Fd folder) throws IOException {
    String path = step.folder().path() + "/" + step.name();
    String leaving = new Mark("00000000", "undo-" + step.file().inode(), 0).toString();
    if (captured(step, folder, leaving)) {
      return new Outcome.Conflict(path + ": was replaced meanwhile; what is there stays");
    }
    if (step.hidden() != null && Identities.is(folder, step.hidden(), step.file())) {
      Entries.unlink(folder, step.hidden(), path);
    } else if (Identities.is(folder, step.name(), step.file())) {
      Optional<Stat> now = Stat.of(folder, step.name(), path);
      if (now.isPresent()
          && (now.get().size() != step.size() || now.get().modified() != step.modified())) {
        return new Outcome.Conflict(path + ": was written to meanwhile; it stays");
      }
      // aside first: between a look and a removal somebody could put another file in its place
      Entries.rename(folder, step.name(), folder, leaving);
      if (captured(step, folder, leaving)) {
        return new Outcome.Conflict(path + ": was replaced meanwhile; what is there stays");
      }
    } else {
      return absent(step, folder, path);
    }
    Contents.syncFolder(folder, path);
    return UNDONE;
  }

  private static Outcome absent(Undo.FileMade step, Fd folder, String path) throws IOException {
    return with(
        step.file(),
        moved -> new Outcome.Conflict(path + ": was moved meanwhile, and stays where it is"),
        () -> {
          if (Stat.of(folder, step.name(), path).isPresent()) {
            return new Outcome.Conflict(path + ": was replaced meanwhile; what is there stays");
          }
          Contents.syncFolder(folder, path);
          return UNDONE;
        },
        Outcome.Conflict::new);
  }

  /** Removes what a removal put aside if it is ours; else gives it its name back. */
  private static boolean captured(Undo.FileMade step, Fd folder, String leaving)
      throws IOException {
    String path = step.folder().path() + "/" + leaving;
    if (Stat.of(folder, leaving, path).isEmpty()) {
      return false;
    }
    if (Identities.is(folder, leaving, step.file())) {
      Entries.unlink(folder, leaving, path);
      return false;
    }
    Entries.rename(folder, leaving, folder, step.name());
    return true;
  }

  static Outcome hidden(Undo.HiddenEntry step) throws IOException {
    String path = step.folder().path() + "/" + step.hidden();
    return with(
        step.folder(),
        folder -> {
          Removal.remove(folder, step.hidden(), path);
          Contents.syncFolder(folder, path);
          return UNDONE;
        },
        () -> UNDONE,
        Outcome.Conflict::new);
  }

  static Outcome folder(Undo.FolderMade step) throws IOException {
    String path = step.folder().path() + "/" + step.name();
    return with(
        step.folder(),
        folder -> {
          if (!Identities.is(folder, step.name(), step.made())) {
            return movedFolder(step, path);
          }
          try {
            Entries.removeFolder(folder, step.name(), path);
          } catch (LinuxException e) {
            if (e.is(Errno.ENOTEMPTY, Errno.EEXIST)) {
              return new Outcome.Conflict(path + ": others put something into it; it stays");
            }
            throw e;
          }
          Contents.syncFolder(folder, path);
          return UNDONE;
        },
        () -> UNDONE,
        Outcome.Conflict::new);
  }

  private static Outcome movedFolder(Undo.FolderMade step, String path) throws IOException {
    return with(
        step.made(),
        there -> {
          String now = Entries.path(there);
          // still under the name it was built under, whose own step removes it
          return Mark.of(now.substring(now.lastIndexOf('/') + 1)).isPresent()
              ? UNDONE
              : new Outcome.Conflict(
                  path + ": was moved to " + now + " meanwhile, and stays there");
        },
        () -> UNDONE,
        Outcome.Conflict::new);
  }
}
