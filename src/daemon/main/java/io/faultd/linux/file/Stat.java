package io.faultd.linux.file;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Native;
import java.nio.ByteBuffer;
import java.util.Optional;
import jnr.ffi.Pointer;
import jnr.ffi.annotations.In;

/**
 * What the kernel tells about a file without opening it (statx(2)).
 *
 * @param device st_dev
 * @param inode st_ino
 * @param mode type and permission bits
 * @param owner user id
 * @param group group id
 * @param links number of names
 * @param size bytes
 * @param accessed atime in nanoseconds since the epoch
 * @param modified mtime in nanoseconds since the epoch
 * @param born birth time in nanoseconds since the epoch; 0 where the file system has none
 * @param attributes STATX_ATTR_ bits
 */
public record Stat(
    long device,
    long inode,
    int mode,
    int owner,
    int group,
    long links,
    long size,
    long accessed,
    long modified,
    long born,
    long attributes) {

  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int BASIC_AND_BIRTH = 0x7ff | 0x800;
  private static final int BIRTH = 0x800;
  private static final int IMMUTABLE = 0x10;
  private static final int APPEND = 0x20;
  private static final int MOUNT_ROOT = 0x2000;
  private static final Calls C = Native.bind(Calls.class);

  /**
   * Of what is open.
   *
   * @param path for messages
   */
  public static Stat of(Fd fd, String path) throws LinuxException {
    return stat(fd.number(), "", AT_EMPTY_PATH, path);
  }

  /** Of a name in a folder, links not followed; empty if there is no such name. */
  public static Optional<Stat> of(Fd folder, String name, String path) throws LinuxException {
    try {
      return Optional.of(stat(folder.number(), name, AT_SYMLINK_NOFOLLOW, path));
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static Stat stat(int folder, String name, int flags, String path) throws LinuxException {
    ByteBuffer b = Native.buffer(256);
    Native.check(
        "statx", C.statx(folder, Native.text(name), flags, BASIC_AND_BIRTH, Native.at(b)), path);
    return new Stat(
        device(b.getInt(136), b.getInt(140)),
        b.getLong(32),
        Short.toUnsignedInt(b.getShort(28)),
        b.getInt(20),
        b.getInt(24),
        Integer.toUnsignedLong(b.getInt(16)),
        b.getLong(40),
        time(b, 64),
        time(b, 112),
        (b.getInt(0) & BIRTH) == 0 ? 0 : time(b, 80),
        b.getLong(8));
  }

  private static long time(ByteBuffer buffer, int at) {
    return buffer.getLong(at) * 1_000_000_000L + buffer.getInt(at + 8);
  }

  /** The one word that stat(2) makes of a device's numbers (makedev(3)). */
  static long device(long major, long minor) {
    return ((major & 0xfffff000L) << 32)
        | ((major & 0xfffL) << 8)
        | ((minor & 0xffffff00L) << 12)
        | (minor & 0xffL);
  }

  /** The twelve permission bits. */
  public int permissions() {
    return mode & 07777;
  }

  /** Whether it is a regular file. */
  public boolean isRegular() {
    return (mode & 0170000) == 0100000;
  }

  /** Whether it is a folder. */
  public boolean isFolder() {
    return (mode & 0170000) == 0040000;
  }

  /** Whether it is a symbolic link. */
  public boolean isLink() {
    return (mode & 0170000) == 0120000;
  }

  /** Whether it is a socket. */
  public boolean isSocket() {
    return (mode & 0170000) == 0140000;
  }

  /** Whether it is a FIFO. */
  public boolean isFifo() {
    return (mode & 0170000) == 0010000;
  }

  /** Whether it may not be changed in any way (chattr +i). */
  public boolean isImmutable() {
    return (attributes & IMMUTABLE) != 0;
  }

  /** Whether it may only be appended to (chattr +a). */
  public boolean isAppendOnly() {
    return (attributes & APPEND) != 0;
  }

  /** Whether a file system is mounted there. */
  public boolean isMountPoint() {
    return (attributes & MOUNT_ROOT) != 0;
  }

  /** Whether both have the same device and inode. */
  public boolean sameInode(Stat other) {
    return device == other.device && inode == other.inode;
  }

  /** What is called. */
  public interface Calls {
    /** See statx(2). */
    int statx(int folder, @In byte[] name, int flags, int mask, Pointer buffer);
  }
}
