package io.faultd.linux.file;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A name in a folder, resolved once: from then on the folder is a descriptor, and no link that is
 * put in the way leads elsewhere.
 *
 * @param root where its path leads
 * @param folder the folder, an O_PATH descriptor
 * @param folderPath its path without links, in {@code root}
 * @param name the name in it; there may be no such thing
 */
public record Place(Root root, Fd folder, String folderPath, String name) implements AutoCloseable {

  /**
   * Where a path leads; links on the way are followed, one at the end is not.
   *
   * @param root stays the caller's, and open as long as the place is used
   * @param path absolute; may contain {@code ..} and end with slashes
   * @throws LinuxException ENOENT, ENOTDIR if its folder is not there; EBUSY for the root
   */
  public static Place of(Root root, String path) throws IOException {
    String bare = path;
    while (bare.endsWith("/") && bare.length() > 1) {
      bare = bare.substring(0, bare.length() - 1);
    }
    int slash = bare.lastIndexOf('/');
    String name = bare.substring(slash + 1);
    if (name.isEmpty() || name.equals(".") || name.equals("..")) {
      try (Fd fd = root.folder(bare)) {
        String resolved = root.name(fd);
        if (resolved.equals("/")) {
          throw new LinuxException("open", Errno.EBUSY.number(), "/");
        }
        return of(root, resolved);
      }
    }
    Fd folder = root.folder(slash == 0 ? "/" : bare.substring(0, slash));
    try {
      return new Place(root, folder, root.name(folder), name);
    } catch (IOException e) {
      folder.close();
      throw e;
    }
  }

  /** Where a path leads; a link at its end is followed, too, and must lead somewhere. */
  public static Place followed(Root root, String path) throws IOException {
    try (Fd fd = root.followed(path)) {
      return of(root, root.name(fd));
    }
  }

  /** The path without links on its way. */
  public String path() {
    return folderPath.equals("/") ? "/" + name : folderPath + "/" + name;
  }

  /** What is there now; empty if there is nothing. */
  public Optional<Stat> stat() throws LinuxException {
    return Stat.of(folder, name, path());
  }

  /** A handle of what is there, links not followed. */
  public Fd open() throws LinuxException {
    return Open.entry(folder, name, path());
  }

  /** All folders from the root down to this place's, as {@link Identities#bare} tells them. */
  public List<FileIdentity> ancestors() throws IOException {
    List<FileIdentity> all = new ArrayList<>();
    for (int slash = 0; slash >= 0; slash = folderPath.indexOf('/', slash + 1)) {
      String path = slash == 0 ? "/" : folderPath.substring(0, slash);
      try (Fd fd = root.path(path)) {
        all.add(Identities.bare(fd, path));
      }
    }
    if (!folderPath.equals("/")) {
      try (Fd fd = root.path(folderPath)) {
        all.add(Identities.bare(fd, folderPath));
      }
    }
    return all;
  }

  @Override
  public void close() {
    folder.close();
  }
}
