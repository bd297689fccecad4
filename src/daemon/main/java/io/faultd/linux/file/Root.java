package io.faultd.linux.file;

import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.proc.ProcessIdentity;
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
  public static final Root OWN = new Root(null, null, null);

  private final @Nullable Fd top;
  private final @Nullable Fd folder;
  private final @Nullable ProcessIdentity viewer;

  private Root(@Nullable Fd top, @Nullable Fd folder, @Nullable ProcessIdentity viewer) {
    this.top = top;
    this.folder = folder;
    this.viewer = viewer;
  }

  /**
   * What a process has as its root now.
   *
   * @param folder its folder in procfs, held open; stays the caller's
   * @throws LinuxException ESRCH or ENOENT if the process is gone
   */
  public static Root of(ProcessIdentity viewer, Fd folder) throws LinuxException {
    return new Root(Open.folder(folder.link() + "/root"), folder, viewer);
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

  /** Whose root it is; empty: the daemon's own. */
  public Optional<ProcessIdentity> viewer() {
    return Optional.ofNullable(viewer);
  }

  /**
   * The mounts that are seen in it.
   *
   * @throws IOException also if the process is gone
   */
  public List<Mount> mounts() throws IOException {
    return folder == null ? Mount.all() : Mount.of(folder);
  }

  /** Lets go of it; the daemon's own stays. */
  @Override
  public void close() {
    if (top != null) {
      top.close();
    }
  }
}
