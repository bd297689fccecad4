package io.faultd.linux.file;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Mark;
import java.io.IOException;
import java.util.Optional;

/**
 * Tells beside a hidden file what it was called, for a sweep that has no record: a symbolic link
 * under a mark of its own, leading nowhere, whose text is {@code HIDDEN/NAME}.
 *
 * @param hidden the mark under which the file is
 * @param name what it was called
 */
public record Note(String hidden, String name) {

  /** Leaves the note; a file system without links goes without. */
  public void leave(Fd folder, String mark, String path) throws LinuxException {
    try {
      Entries.symlink(hidden + "/" + name, folder, mark, path);
    } catch (LinuxException e) {
      // ENAMETOOLONG: some file systems have short links
      if (!e.is(Errno.EPERM, Errno.EOPNOTSUPP, Errno.ENAMETOOLONG)) {
        throw e;
      }
    }
  }

  /** The note that a marked name is; empty if it is none. */
  public static Optional<Note> read(Fd folder, String mark, String path) throws IOException {
    // of root only: in a folder open to all anybody can make a link that looks like ours
    if (Stat.of(folder, mark, path).filter(stat -> stat.isLink() && stat.owner() == 0).isEmpty()) {
      return Optional.empty();
    }
    String text = Entries.readLink(folder, mark, path);
    int slash = text.indexOf('/');
    if (slash < 0 || Mark.of(text.substring(0, slash)).isEmpty() || bad(text, slash)) {
      return Optional.empty();
    }
    return Optional.of(new Note(text.substring(0, slash), text.substring(slash + 1)));
  }

  private static boolean bad(String text, int slash) {
    String name = text.substring(slash + 1);
    return name.isEmpty() || name.contains("/") || name.equals(".") || name.equals("..");
  }
}
