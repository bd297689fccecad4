package io.faultd.linux.file;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Native;
import java.nio.ByteBuffer;
import java.util.Optional;
import jnr.ffi.Pointer;
import jnr.ffi.annotations.In;

/** Opens files: as mere handles (O_PATH) by name, then for reading or writing by descriptor. */
public final class Open {
  private static final int AT_FDCWD = -100;

  /** The same on all architectures, being newer than 5.0. */
  private static final long OPENAT2 = 437;

  // linux/openat2.h
  private static final long RESOLVE_NO_MAGICLINKS = 0x02;
  private static final long RESOLVE_IN_ROOT = 0x10;

  /** The kernel gives up on {@code ..} while others rename. */
  private static final int TRIES = 100;

  private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
  // asm-generic/fcntl.h, but for arm64's own asm/fcntl.h
  private static final int DIRECTORY = ARM ? 040000 : 0200000;
  private static final int NOFOLLOW = ARM ? 0100000 : 0400000;
  private static final int RDWR = 2;
  private static final int WRONLY = 1;
  private static final int EXCL = 0200;
  private static final int CREAT = 0100;
  private static final int APPEND = 02000;
  private static final int NONBLOCK = 04000;
  private static final int NOATIME = 01000000;
  private static final int CLOEXEC = 02000000;
  private static final int PATH = 010000000;
  private static final int TMPFILE = 020000000 | DIRECTORY;
  private static final Calls C = Native.bind(Calls.class);

  private Open() {}

  /** A handle of what a path leads to; all links are followed. */
  public static Fd followed(String path) throws LinuxException {
    return open(AT_FDCWD, path, PATH, 0, path);
  }

  /** A handle of what a path leads to; a link at its end is opened itself. */
  public static Fd path(String path) throws LinuxException {
    return open(AT_FDCWD, path, PATH | NOFOLLOW, 0, path);
  }

  /** A handle of a folder; all links are followed. */
  public static Fd folder(String path) throws LinuxException {
    return open(AT_FDCWD, path, PATH | DIRECTORY, 0, path);
  }

  /** For nothing but a lock; a new file is for its owner only, a link is refused. */
  static Fd lockable(String path) throws LinuxException {
    return open(AT_FDCWD, path, WRONLY | CREAT | NOFOLLOW | NONBLOCK, 0600, path);
  }

  /** A handle of a name in a folder; a link is opened itself. */
  public static Fd entry(Fd folder, String name, String path) throws LinuxException {
    return open(folder.number(), name, PATH | NOFOLLOW, 0, path);
  }

  /**
   * A handle of what a path leads to below a folder that stands for the root: neither {@code ..}
   * nor a link leads out of it (openat2(2), Linux 5.6), and no magic link of procfs is followed.
   *
   * @param shown for messages
   * @throws LinuxException ENOSYS before 5.6
   */
  public static Fd inRoot(Fd root, String path, String shown) throws LinuxException {
    return inRoot(root, path, PATH, shown);
  }

  /** The same of a folder. */
  public static Fd folderInRoot(Fd root, String path, String shown) throws LinuxException {
    return inRoot(root, path, PATH | DIRECTORY, shown);
  }

  /** The same, but a link at its end is opened itself. */
  public static Fd entryInRoot(Fd root, String path, String shown) throws LinuxException {
    return inRoot(root, path, PATH | NOFOLLOW, shown);
  }

  private static Fd inRoot(Fd root, String path, int flags, String shown) throws LinuxException {
    ByteBuffer how = Native.buffer(24);
    how.putLong(0, flags | CLOEXEC).putLong(16, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
    byte[] name = Native.text(path);
    long fd;
    int tries = 0;
    do {
      fd = C.syscall(OPENAT2, root.number(), name, Native.at(how), how.capacity());
    } while (Native.interrupted(fd)
        || fd == -1 && Native.errno() == Errno.EAGAIN.number() && ++tries < TRIES);
    return new Fd((int) Native.check("openat2", fd, shown));
  }

  /** For reading, without leaving a trace in atime; fails rather than wait for a lease or FIFO. */
  public static Fd reading(Fd handle, String path) throws LinuxException {
    return open(AT_FDCWD, handle.link(), NOATIME | NONBLOCK, 0, path);
  }

  /** For reading and writing, without a trace in atime; fails rather than wait for a lease. */
  public static Fd writing(Fd handle, String path) throws LinuxException {
    return open(AT_FDCWD, handle.link(), RDWR | NOATIME | NONBLOCK, 0, path);
  }

  /** For writing only; ENXIO if it is a FIFO that nobody reads, which is not waited for. */
  public static Fd feeding(Fd handle, String path) throws LinuxException {
    return open(AT_FDCWD, handle.link(), WRONLY | NONBLOCK, 0, path);
  }

  /** For reading and appending, without a trace in atime; fails rather than wait for a lease. */
  public static Fd appending(Fd handle, String path) throws LinuxException {
    return open(AT_FDCWD, handle.link(), RDWR | APPEND | NOATIME | NONBLOCK, 0, path);
  }

  /** A file of a folder without a name; empty where the file system has no such thing. */
  public static Optional<Fd> nameless(Fd folder, int mode, String path) throws LinuxException {
    try {
      return Optional.of(open(AT_FDCWD, folder.link(), RDWR | TMPFILE, mode, path));
    } catch (LinuxException e) {
      // EISDIR: kernels and file systems that see only O_DIRECTORY
      if (e.is(Errno.EOPNOTSUPP, Errno.EISDIR, Errno.ENOENT, Errno.EINVAL)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** A new file; fails with EEXIST if the name is taken. */
  public static Fd made(Fd folder, String name, int mode, String path) throws LinuxException {
    return open(folder.number(), name, RDWR | CREAT | EXCL | NOFOLLOW, mode, path);
  }

  private static Fd open(int folder, String name, int flags, int mode, String path)
      throws LinuxException {
    int fd;
    do {
      fd = C.openat(folder, Native.text(name), flags | CLOEXEC, mode);
    } while (Native.interrupted(fd));
    String call = (flags & (WRONLY | RDWR)) == 0 ? "open" : "open for writing";
    return new Fd(Native.check(call, fd, path));
  }

  /** What is called. */
  public interface Calls {
    /** See openat(2). */
    int openat(int folder, @In byte[] name, int flags, int mode);

    /** See syscall(2), openat2(2). */
    long syscall(long number, long folder, @In byte[] name, Pointer how, long size);
  }
}
