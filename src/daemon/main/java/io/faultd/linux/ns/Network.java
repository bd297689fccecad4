package io.faultd.linux.ns;

import io.faultd.linux.Boot;
import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Native;
import io.faultd.linux.file.Open;
import io.faultd.linux.file.Stat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import jnr.ffi.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * A network namespace that is held open; as long as it is, it lives on without processes, so close
 * it soon.
 */
public final class Network implements AutoCloseable {
  /** That of this process. */
  public static final String OWN = "/proc/self/ns/net";

  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_NETNS_COOKIE = 71;

  /** NSFS_MAGIC of linux/magic.h. */
  private static final long NSFS = 0x6e736673L;

  private static final Calls C = Native.bind(Calls.class);

  /** Ours stays open: it is asked for by each fault, and never becomes another one. */
  private static volatile @Nullable Network own;

  private final Fd fd;
  private final String path;
  private final boolean ours;

  private Network(Fd fd, String path, boolean ours) {
    this.fd = fd;
    this.path = path;
    this.ours = ours;
  }

  /**
   * Takes hold of a namespace.
   *
   * @param path its nsfs file, below /proc or mounted
   * @throws LinuxException if there is none
   */
  public static Network open(String path) throws LinuxException {
    return path.equals(OWN) ? ours() : opened(path, false);
  }

  private static Network ours() throws LinuxException {
    Network known = own;
    if (known == null) {
      synchronized (Network.class) {
        known = own;
        if (known == null) {
          known = opened(OWN, true);
          own = known;
        }
      }
    }
    return known;
  }

  private static Network opened(String path, boolean ours) throws LinuxException {
    Fd fd = Open.followed(path);
    try {
      ByteBuffer status = Native.buffer(120);
      Native.check("statfs", C.statfs(Native.text(fd.link()), Native.at(status)), path);
      if (status.getLong(0) != NSFS) {
        throw new LinuxException("setns", Errno.EINVAL.number(), path + " is no namespace");
      }
      return new Network(reopened(fd, path), path, ours);
    } finally {
      fd.close();
    }
  }

  /** A new namespace, in which there is nothing but a lo; nobody else can get at it. */
  public static Network fresh() throws IOException {
    return Inside.freshNetwork(() -> open("/proc/thread-self/ns/net"));
  }

  // setns(2) takes no O_PATH descriptor
  private static Fd reopened(Fd fd, String path) throws LinuxException {
    return Open.reading(fd, path);
  }

  /** What people call it. */
  public String path() {
    return path;
  }

  /**
   * Does something inside.
   *
   * @throws IOException if the namespace cannot be entered, or the work failed
   */
  public <T> T inside(Inside.Work<T> work) throws IOException {
    return ours && !Inside.elsewhere() ? work.run() : Inside.network(fd, path, work);
  }

  /** Whether it is that of this process. */
  public boolean own() throws LinuxException {
    return ours || Inside.of(OWN, fd, path);
  }

  /** Its inode, which another one may have had before. */
  public long inode() throws LinuxException {
    return Stat.of(fd, path).inode();
  }

  /** Who it is. */
  public NetworkIdentity identity() throws IOException {
    return new NetworkIdentity(inside(Network::cookie), inode(), Boot.id(), path);
  }

  /** Whether it is this one. */
  public boolean is(NetworkIdentity wanted) throws IOException {
    return inode() == wanted.inode() && identity().same(wanted);
  }

  /**
   * Finds a namespace again: where it was, as that of a process, or mounted anywhere.
   *
   * @return empty if nobody can get at it any more, or if it is of an earlier boot
   */
  public static Optional<Network> find(NetworkIdentity wanted) throws IOException {
    return wanted.bootId().equals(Boot.id()) ? Whereabouts.find(wanted) : Optional.empty();
  }

  /**
   * All network namespaces of this node that a process is in, or that have a name.
   *
   * @return for the caller to close, each
   */
  public static List<Network> all() throws IOException {
    return Whereabouts.all();
  }

  private static long cookie() throws LinuxException {
    int number = C.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
    try (Fd socket = new Fd(Native.check("socket", number, null))) {
      ByteBuffer value = Native.buffer(8);
      ByteBuffer size = Native.buffer(4).putInt(0, 8);
      int done =
          C.getsockopt(
              socket.number(), SOL_SOCKET, SO_NETNS_COOKIE, Native.at(value), Native.at(size));
      return done == 0 ? value.getLong(0) : 0;
    }
  }

  /** Lets go, unless it is that of this process. */
  @Override
  public void close() {
    if (!ours) {
      fd.close();
    }
  }

  @Override
  public String toString() {
    return path;
  }

  /** What is called. */
  public interface Calls {
    /** See socket(2). */
    int socket(int domain, int type, int protocol);

    /** See getsockopt(2). */
    int getsockopt(int fd, int level, int option, Pointer value, Pointer size);

    /** See statfs(2). */
    int statfs(@jnr.ffi.annotations.In byte[] path, Pointer status);
  }
}
