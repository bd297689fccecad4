package io.faultd.linux.file;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A tree of files in which paths are resolved: the daemon's own, or the one that another process
 * has as its root.
 *
 * <p>In that of another process neither {@code ..} nor a link leads out of it, whoever changes it
 * meanwhile (openat2(2), Linux 5.6).
 */
public final class Root implements AutoCloseable {
  /** The daemon's own. */
  public static final Root OWN = new Root(null, null, null, false);

  private final @Nullable Fd top;
  private final @Nullable Fd folder;
  private final @Nullable ProcessIdentity viewer;
  private final boolean lasting;

  private Root(
      @Nullable Fd top, @Nullable Fd folder, @Nullable ProcessIdentity viewer, boolean lasting) {
    this.top = top;
    this.folder = folder;
    this.viewer = viewer;
    this.lasting = lasting;
  }

  /**
   * What a process has as its root now.
   *
   * @throws LinuxException ESRCH if the process is gone
   */
  public static Root of(ProcessIdentity viewer, Procfs procfs) throws LinuxException {
    return of(viewer, procfs, false);
  }

  /**
   * What a process has as its root now.
   *
   * @param lasting whether others may have the same one when it has ended
   * @throws LinuxException ESRCH if the process is gone
   */
  public static Root of(ProcessIdentity viewer, Procfs procfs, boolean lasting)
      throws LinuxException {
    String path = procfs.root().resolve(Integer.toString(viewer.pid())).toString();
    LinuxException gone = new LinuxException("open", Errno.ESRCH.number(), path);
    try {
      Fd folder = Open.folder(path);
      Root found = null;
      try {
        // only now: the folder is that of whoever had the pid then, and this tells who that was
        if (procfs.stat(viewer).filter(stat -> !stat.ended()).isEmpty()) {
          throw gone;
        }
        found = new Root(Open.folder(folder.link() + "/root"), folder, viewer, lasting);
        return found;
      } finally {
        if (found == null) {
          folder.close();
        }
      }
    } catch (LinuxException e) {
      throw e.is(Errno.ENOENT) ? gone : e;
    }
  }

  /** A handle of a folder; all links are followed. */
  public Fd folder(String path) throws LinuxException {
    return top == null ? Open.folder(path) : Open.folderInRoot(top, path, path);
  }

  /** A handle of what a path leads to; all links are followed. */
  public Fd followed(String path) throws LinuxException {
    return top == null ? Open.followed(path) : Open.inRoot(top, path, path);
  }

  /** A handle of what a path leads to; a link at its end is opened itself. */
  public Fd path(String path) throws LinuxException {
    return top == null ? Open.path(path) : Open.entryInRoot(top, path, path);
  }

  /**
   * The path of something that was opened in here, links resolved.
   *
   * @throws java.nio.charset.CharacterCodingException if it is not UTF-8
   * @throws LinuxException ENOENT if it has none in here any more
   */
  public String name(Fd fd) throws IOException {
    String path = Entries.path(fd);
    if (top != null) {
      // the kernel tells the path within its mounts, whose top need not be this root
      try (Fd again = path(path)) {
        if (!Stat.of(again, path).sameInode(Stat.of(fd, path))) {
          throw new LinuxException("open", Errno.ENOENT.number(), path);
        }
      }
    }
    return path;
  }

  /** Whose root it is; empty: the daemon's own. */
  public Optional<ProcessIdentity> viewer() {
    return Optional.ofNullable(viewer);
  }

  /** Whether another process may have the same one when its viewer has ended. */
  boolean lasting() {
    return lasting;
  }

  /**
   * The mounts that are seen in it.
   *
   * @throws IOException also if the process is gone
   */
  public List<Mount> mounts() throws IOException {
    return folder == null ? Mount.all() : Mount.of(folder);
  }

  /** The folder in procfs of whoever it is of, good until {@link #close}. */
  public String procfs() {
    return folder == null ? "/proc/self" : folder.link();
  }

  /** Lets go of it; the daemon's own stays. */
  @Override
  public void close() {
    if (top != null) {
      top.close();
    }
    if (folder != null) {
      folder.close();
    }
  }
}
