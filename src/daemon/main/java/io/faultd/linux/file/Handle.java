package io.faultd.linux.file;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Native;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;
import jnr.ffi.Pointer;
import jnr.ffi.annotations.In;

/** File handles: the names by which a file system knows its inodes and their generations. */
final class Handle {
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int MAX_HANDLE_SZ = 128;
  private static final int PATH_CLOEXEC = 010000000 | 02000000;
  private static final Calls C = Native.bind(Calls.class);

  private Handle() {}

  /**
   * The handle as {@code TYPE:HEX}; where the file system has none, the birth time as {@code
   * born:NANOSECONDS}, which tells inodes apart as well; empty where there is not even that.
   */
  static String of(Fd fd, Stat stat) {
    ByteBuffer handle = Native.buffer(8 + MAX_HANDLE_SZ);
    handle.putInt(0, MAX_HANDLE_SZ);
    ByteBuffer mount = Native.buffer(8);
    int done =
        C.name_to_handle_at(
            fd.number(), Native.text(""), Native.at(handle), Native.at(mount), AT_EMPTY_PATH);
    if (done == -1) {
      return stat.born() == 0 ? "" : "born:" + stat.born();
    }
    byte[] bytes = new byte[handle.getInt(0)];
    handle.get(8, bytes);
    return handle.getInt(4) + ":" + HexFormat.of().formatHex(bytes);
  }

  /** Whether {@link #open} may be asked. */
  static boolean opens(String handle) {
    return !handle.isEmpty() && !handle.startsWith("born:");
  }

  /** What the handle names; empty if the file system has it no more. */
  static Optional<Fd> open(String handle, Fd mount, String path) throws LinuxException {
    int colon = handle.indexOf(':');
    byte[] bytes = HexFormat.of().parseHex(handle.substring(colon + 1));
    ByteBuffer buffer = Native.buffer(8 + bytes.length);
    buffer.putInt(0, bytes.length).putInt(4, Integer.parseInt(handle.substring(0, colon)));
    buffer.put(8, bytes);
    int fd = C.open_by_handle_at(mount.number(), Native.at(buffer), PATH_CLOEXEC);
    if (fd == -1 && Errno.of(Native.errno()) == Errno.ESTALE) {
      return Optional.empty();
    }
    return Optional.of(new Fd(Native.check("open_by_handle_at", fd, path)));
  }

  /** What is called. */
  public interface Calls {
    /** See name_to_handle_at(2). */
    int name_to_handle_at(int fd, @In byte[] name, Pointer handle, Pointer mount, int flags);

    /** See open_by_handle_at(2). */
    int open_by_handle_at(int mount, Pointer handle, int flags);
  }
}
