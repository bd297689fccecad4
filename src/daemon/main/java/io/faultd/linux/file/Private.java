package io.faultd.linux.file;

import io.faultd.linux.Fd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;

/** Whether nobody but root and the user of this process can change what is at a path. */
public final class Private {
  private static final Path SELF = Path.of("/proc/self");

  private Private() {}

  /**
   * What is wrong with a file or folder; links are followed.
   *
   * @return as the end of a sentence that begins with its path; nothing if it is private
   * @throws IOException if there is none
   */
  public static Optional<String> flaw(Path path) throws IOException {
    return flaw(path, new LinkOption[0]);
  }

  /** The same of something that is to be no link, and to have no other name. */
  public static Optional<String> flawUnderOneName(Path path) throws IOException {
    if (Files.isSymbolicLink(path)) {
      return Optional.of("is a link to " + Files.readSymbolicLink(path));
    }
    if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
        && (int) Files.getAttribute(path, "unix:nlink", LinkOption.NOFOLLOW_LINKS) > 1) {
      return Optional.of("has another name elsewhere");
    }
    return flaw(path, LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * The same, but a folder on a read-only mount may have any mode, for nobody can write it there:
   * Kubernetes makes folders so that everybody could. A file may not: the mount can be another one
   * of what is writable elsewhere.
   */
  public static Optional<String> flawWhereWritable(Path path) throws IOException {
    try (Fd fd = Open.path(path.toRealPath().toString())) {
      boolean fixed =
          Files.isDirectory(path) && Mount.of(fd, Mount.all()).map(Mount::readOnly).orElse(false);
      return fixed ? owner(path) : flaw(path);
    }
  }

  private static Optional<String> owner(Path path, LinkOption... links) throws IOException {
    int owner = (int) Files.getAttribute(path, "unix:uid", links);
    if (owner != 0 && owner != (int) Files.getAttribute(SELF, "unix:uid")) {
      return Optional.of("belongs to user " + Integer.toUnsignedString(owner));
    }
    return Optional.empty();
  }

  private static Optional<String> flaw(Path path, LinkOption... links) throws IOException {
    Optional<String> foreign = owner(path, links);
    if (foreign.isPresent()) {
      return foreign;
    }
    var permissions = Files.readAttributes(path, PosixFileAttributes.class, links).permissions();
    if (permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
      return Optional.of("can be written by every user");
    }
    int group = (int) Files.getAttribute(path, "unix:gid", links);
    return group != 0 && permissions.contains(PosixFilePermission.GROUP_WRITE)
        ? Optional.of("can be written by group " + Integer.toUnsignedString(group))
        : Optional.empty();
  }
}
