package io.faultd;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.file.Open;
import io.faultd.linux.file.Private;
import io.faultd.linux.net.UnixSocket;
import io.faultd.store.DataFolder;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The file of the daemon's Unix socket, mode 0600.
 *
 * <p>It is bound under another name beside it, and gets its own as soon as it is as it should be:
 * so what a killed daemon has left is replaced at once, and at the end only what is ours is removed
 * (the server removes whatever has the name that it has bound).
 */
final class SocketFile implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(SocketFile.class.getName());

  /** What Java binds: sun_path (unix(7)) less two; and less the dot of the other name. */
  private static final int LONGEST = 105;

  private static final int TYPE = 0170000;
  private static final int SOCKET = 0140000;

  private final Path file;
  private final Path draft;
  private final Path folder;
  private @Nullable Object identity;

  /**
   * Touches nothing yet.
   *
   * @param file absolute
   * @throws StartException if no socket can have that name
   */
  SocketFile(Path file) {
    int length = file.toString().getBytes(StandardCharsets.UTF_8).length;
    if (length > LONGEST) {
      throw refused(
          file, "has %d bytes; a socket's path has at most %d".formatted(length, LONGEST));
    }
    Path parent = file.getParent();
    if (parent == null) {
      throw refused(file, "is no name of a file");
    }
    this.file = file;
    this.folder = parent;
    this.draft = file.resolveSibling("." + file.getFileName());
  }

  /** Where the server is to listen. */
  SocketAddress draft() {
    return UnixDomainSocketAddress.of(draft);
  }

  /**
   * Makes the folder, if there is none, and room for the socket.
   *
   * @throws StartException if others could change it, or something has its place: what is no
   *     socket, or one at which somebody listens
   */
  void clear() {
    try {
      DataFolder.folder(folder);
      Optional<String> flaw = Private.flawUnderOneName(folder);
      if (flaw.isPresent()) {
        throw refused(
            folder, flaw.get() + "; the socket must be in a folder that only root can change");
      }
      abandoned(file);
      abandoned(draft);
      Files.deleteIfExists(draft);
    } catch (IOException e) {
      throw new StartException(Setting.SOCKET.key() + ": cannot make " + file + ": " + e, e);
    }
  }

  /** Only a socket at which nobody listens any more gives way. */
  private static void abandoned(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    if ((mode & TYPE) != SOCKET) {
      throw refused(path, "is there, and no socket; move it away, or name another path");
    }
    try (Fd fd = Open.path(path.toString())) {
      UnixSocket.connect(fd, path.toString()).close();
    } catch (LinuxException e) {
      if (e.is(Errno.ECONNREFUSED)) {
        return;
      }
      if (!UnixSocket.busy(e)) {
        throw e;
      }
    }
    throw refused(path, "is in use: somebody listens there; name another path");
  }

  /**
   * The server listens: it is found under its own name from now on.
   *
   * @throws StartException if that cannot be
   */
  void show() {
    try {
      Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rw-------"));
      identity = identity(draft);
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new StartException(Setting.SOCKET.key() + ": cannot make " + file + ": " + e, e);
    }
  }

  private static @Nullable Object identity(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .fileKey();
  }

  /** Removes it, if it is still ours. */
  @Override
  public void close() {
    try {
      if (identity != null
          && Files.exists(file, LinkOption.NOFOLLOW_LINKS)
          && identity.equals(identity(file))) {
        Files.delete(file);
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "{0} stays: {1}", file, e);
    }
  }

  private static StartException refused(Path path, String why) {
    return new StartException("%s: %s %s".formatted(Setting.SOCKET.key(), path, why));
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
