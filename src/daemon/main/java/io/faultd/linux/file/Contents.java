package io.faultd.linux.file;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Native;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import jnr.ffi.Pointer;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;

/** What is in an open file, and its mode, owner and times. */
public final class Contents {
  private static final long UTIME_OMIT = 0x3ffffffe;
  private static final int CHUNK = 1 << 16;
  private static final Calls C = Native.bind(Calls.class);

  private Contents() {}

  /** Up to {@code length} bytes from {@code offset}; fewer at the end of the file. */
  public static byte[] read(Fd fd, long offset, int length, String path) throws LinuxException {
    byte[] all = new byte[length];
    int have = 0;
    byte[] chunk = new byte[Math.min(length, CHUNK)];
    while (have < length) {
      long got = C.pread(fd.number(), chunk, Math.min(chunk.length, length - have), offset + have);
      if (Native.interrupted(got)) {
        continue;
      }
      if (Native.check("read", got, path) == 0) {
        break;
      }
      System.arraycopy(chunk, 0, all, have, (int) got);
      have += (int) got;
    }
    return have == length ? all : Arrays.copyOf(all, have);
  }

  /** All of a file whose size is not known before, as that of files in procfs. */
  static byte[] read(Fd fd, String path) throws LinuxException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] chunk = read(fd, 0, CHUNK, path);
    while (chunk.length > 0) {
      all.writeBytes(chunk);
      chunk = read(fd, all.size(), CHUNK, path);
    }
    return all.toByteArray();
  }

  /** Writes all bytes at an offset. */
  public static void write(Fd fd, long offset, byte[] bytes, String path) throws LinuxException {
    int done = 0;
    while (done < bytes.length) {
      byte[] chunk = Arrays.copyOfRange(bytes, done, Math.min(bytes.length, done + CHUNK));
      long put = C.pwrite(fd.number(), chunk, chunk.length, offset + done);
      if (!Native.interrupted(put)) {
        done += (int) Native.check("write", put, path);
      }
    }
  }

  /**
   * Writes in one call at where the descriptor stands (at the end, if it is for appending), so that
   * writes of others do not come in between.
   *
   * @return how many bytes were written; fewer than given if the disk is full
   */
  public static int append(Fd fd, byte[] bytes, String path) throws LinuxException {
    long put;
    do {
      put = C.write(fd.number(), bytes, bytes.length);
    } while (Native.interrupted(put));
    return (int) Native.check("write", put, path);
  }

  /** Cuts the file. */
  public static void truncate(Fd fd, long size, String path) throws LinuxException {
    Native.check("ftruncate", C.ftruncate(fd.number(), size), path);
  }

  /** Returns when what is open for reading or writing is on the disk. */
  public static void sync(Fd fd, String path) throws LinuxException {
    int done = C.fsync(fd.number());
    // EINVAL, EROFS: things and places that cannot be synced have nothing to lose
    if (done == -1
        && Native.errno() != Errno.EINVAL.number()
        && Native.errno() != Errno.EROFS.number()) {
      throw new LinuxException("fsync", Native.errno(), path);
    }
  }

  /** Returns when the names of a folder are on the disk. */
  public static void syncFolder(Fd handle, String path) throws LinuxException {
    try (Fd folder = Open.reading(handle, path)) {
      sync(folder, path);
    }
  }

  /** Sets the twelve permission bits of what a handle is of. */
  public static void mode(Fd handle, int mode, String path) throws LinuxException {
    Native.check("chmod", C.chmod(Native.text(handle.link()), mode), path);
  }

  /** Sets owner and group of what a handle is of. */
  public static void owner(Fd handle, int owner, int group, String path) throws LinuxException {
    Native.check("chown", C.chown(Native.text(handle.link()), owner, group), path);
  }

  /** Sets mtime of an open file, in nanoseconds since the epoch; atime stays. */
  public static void modified(Fd fd, long modified, String path) throws LinuxException {
    times(fd, 0, UTIME_OMIT, modified, path);
  }

  /** Sets atime and mtime of an open file, in nanoseconds since the epoch. */
  public static void times(Fd fd, long accessed, long modified, String path) throws LinuxException {
    times(
        fd,
        Math.floorDiv(accessed, 1_000_000_000L),
        Math.floorMod(accessed, 1_000_000_000L),
        modified,
        path);
  }

  private static void times(Fd fd, long atime, long atimeNanos, long modified, String path)
      throws LinuxException {
    ByteBuffer times = Native.buffer(32);
    times.putLong(0, atime).putLong(8, atimeNanos);
    times.putLong(16, Math.floorDiv(modified, 1_000_000_000L));
    times.putLong(24, Math.floorMod(modified, 1_000_000_000L));
    Native.check("futimens", C.futimens(fd.number(), Native.at(times)), path);
  }

  /** What is called. */
  public interface Calls {
    /** See pread(2). */
    long pread(int fd, @Out byte[] bytes, long size, long offset);

    /** See pwrite(2). */
    long pwrite(int fd, @In byte[] bytes, long size, long offset);

    /** See write(2). */
    long write(int fd, @In byte[] bytes, long size);

    /** See ftruncate(2). */
    int ftruncate(int fd, long size);

    /** See fsync(2). */
    int fsync(int fd);

    /** See chmod(2). */
    int chmod(@In byte[] path, int mode);

    /** See chown(2). */
    int chown(@In byte[] path, int owner, int group);

    /** See futimens(3). */
    int futimens(int fd, Pointer times);
  }
}
