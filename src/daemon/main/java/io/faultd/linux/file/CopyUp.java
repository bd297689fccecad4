package io.faultd.linux.file;

import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Native;
import java.nio.ByteBuffer;
import jnr.ffi.Pointer;
import jnr.ffi.annotations.In;

/**
 * Has an overlay copy a file of a lower layer to its upper one before the first change would.
 *
 * <p>The copy is another inode with another birth time, so who a file is can only be told from then
 * on (Documentation/filesystems/overlayfs.rst, "Non-directories").
 */
public final class CopyUp {
  /** OVERLAYFS_SUPER_MAGIC of linux/magic.h. */
  private static final long OVERLAY = 0x794c7630L;

  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int AT_FDCWD = -100;

  /** Of linux/stat.h. */
  private static final long UTIME_OMIT = (1L << 30) - 2;

  private static final long SECOND = 1_000_000_000L;
  private static final Calls C = Native.bind(Calls.class);

  private CopyUp() {}

  /** Whether something is on an overlay. */
  public static boolean isLayered(Fd handle, String path) throws LinuxException {
    ByteBuffer status = Native.buffer(256); // struct statfs: its first word is the type
    Native.check("fstatfs", C.fstatfs(handle.number(), Native.at(status)), path);
    return status.getLong(0) == OVERLAY;
  }

  /**
   * Copies up what a handle is of, and the folders above; nothing where there are no layers, or if
   * it was done before.
   *
   * <p>Of what people see only the ctime changes, and the room that the copy takes.
   */
  public static void of(Fd handle, String path) throws LinuxException {
    if (!isLayered(handle, path)) {
      return;
    }
    Stat stat = Stat.of(handle, path);
    if (stat.isLink()) { // has no mode of its own
      Native.check(
          "fchownat", C.fchownat(handle.number(), Native.text(""), -1, -1, AT_EMPTY_PATH), path);
    } else {
      // the atime as it is: a mode or mtime could be another's again by then
      ByteBuffer times = Native.buffer(32);
      times.putLong(0, Math.floorDiv(stat.accessed(), SECOND));
      times.putLong(8, Math.floorMod(stat.accessed(), SECOND));
      times.putLong(24, UTIME_OMIT);
      byte[] name = Native.text(handle.link());
      Native.check("utimensat", C.utimensat(AT_FDCWD, name, Native.at(times), 0), path);
    }
  }

  /** What is called. */
  public interface Calls {
    /** See fstatfs(2). */
    int fstatfs(int fd, Pointer status);

    /** See utimensat(2). */
    int utimensat(int folder, @In byte[] name, Pointer times, int flags);

    /** See fchownat(2). */
    int fchownat(int folder, @In byte[] name, int owner, int group, int flags);
  }
}
