package io.faultd.os.file;

import io.faultd.fault.Injection;
import io.faultd.fault.Undo;
import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.file.Entries;
import io.faultd.linux.file.FileIdentity;
import io.faultd.linux.file.Identities;
import io.faultd.linux.file.Note;
import java.io.IOException;
import java.util.List;

/**
 * Takes a name away by renaming to a hidden one, beside which a note tells what it was.
 *
 * @param site what is hidden
 * @param file who that is
 * @param hidden its new name
 * @param note the name of the note
 */
record Hiding(Site site, FileIdentity file, String hidden, String note) {

  static Hiding of(Injection on, Site site, FileIdentity file) {
    return new Hiding(site, file, on.mark().toString(), on.mark().toString());
  }

  /** To be announced before {@link #hide}. */
  List<Undo> steps() {
    return List.of(
        new Undo.HiddenEntry(site.folder(), note, "note about " + site.path()),
        new Undo.FileRenamed(file, site.folder(), site.name(), site.folder(), hidden));
  }

  void hide() throws IOException {
    new Note(hidden, site.name()).leave(site.descriptor(), note, site.path());
    rename(file, site, site.descriptor(), hidden);
  }

  /**
   * Renames, and gives the name back to whoever took it between our look and the rename: undo would
   * not know that file, and leave it under our name.
   *
   * @throws IOException if it was not the file that is meant
   */
  static void rename(FileIdentity file, Site from, Fd to, String name) throws IOException {
    try {
      Entries.rename(from.descriptor(), from.name(), to, name);
    } catch (LinuxException e) {
      if (e.is(Errno.EXDEV)) {
        throw Site.unsupported(
            from.flag(),
            "is a folder of a lower layer of an overlay, which cannot be renamed: " + from.path());
      }
      throw e;
    }
    if (!Identities.is(to, name, file)) {
      Entries.rename(to, name, from.descriptor(), from.name());
      throw Site.conflict(from.flag(), "was replaced by somebody else just now: " + from.path());
    }
  }
}
