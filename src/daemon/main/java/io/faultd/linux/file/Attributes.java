package io.faultd.linux.file;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Native;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;

/** Extended attributes (xattr(7)): ACLs, capabilities, labels. */
public final class Attributes {
  private static final int MOST = 1 << 16;
  private static final String CAPABILITIES = "security.capability";

  /** More than linux/capability.h, struct vfs_ns_cap_data. */
  private static final int MOST_CAPABILITIES = 256;

  private static final Set<Errno> ABSENT =
      EnumSet.of(Errno.ENODATA, Errno.EOPNOTSUPP, Errno.EINVAL);
  private static final Calls C = Native.bind(Calls.class);

  private Attributes() {}

  /** All of an open file; none where the file system has none. */
  public static SortedMap<String, byte[]> read(Fd fd, String path) throws LinuxException {
    SortedMap<String, byte[]> all = new TreeMap<>();
    byte[] names = new byte[MOST];
    long length = C.flistxattr(fd.number(), names, names.length);
    if (length == -1 && Errno.of(Native.errno()) == Errno.EOPNOTSUPP) {
      return all;
    }
    Native.check("flistxattr", length, path);
    String text = new String(names, 0, (int) length, StandardCharsets.UTF_8);
    for (String name : text.split("\0", -1)) {
      if (!name.isEmpty()) {
        byte[] value = new byte[MOST];
        long size = C.fgetxattr(fd.number(), Native.text(name), value, value.length);
        all.put(name, Arrays.copyOf(value, (int) Native.check("fgetxattr", size, path)));
      }
    }
    return all;
  }

  /** The capabilities of an open file (capabilities(7)) as they are kept; empty without. */
  public static Optional<byte[]> capabilities(Fd fd, String path) throws LinuxException {
    byte[] value = new byte[MOST_CAPABILITIES];
    long size = C.fgetxattr(fd.number(), Native.text(CAPABILITIES), value, value.length);
    if (size == -1 && ABSENT.contains(Errno.of(Native.errno()))) {
      return Optional.empty();
    }
    return Optional.of(Arrays.copyOf(value, (int) Native.check("fgetxattr", size, path)));
  }

  /** Gives an open file its capabilities back, which each write to it has taken away. */
  public static void capabilities(Fd fd, byte[] value, String path) throws LinuxException {
    write(fd, Map.of(CAPABILITIES, value), path);
  }

  /** Sets all of these. */
  public static void write(Fd fd, Map<String, byte[]> all, String path) throws LinuxException {
    for (Map.Entry<String, byte[]> each : all.entrySet()) {
      byte[] value = each.getValue();
      int done = C.fsetxattr(fd.number(), Native.text(each.getKey()), value, value.length, 0);
      Native.check("fsetxattr " + each.getKey(), done, path);
    }
  }

  /** What is called. */
  public interface Calls {
    /** See flistxattr(2). */
    long flistxattr(int fd, @Out byte[] names, long size);

    /** See fgetxattr(2). */
    long fgetxattr(int fd, @In byte[] name, @Out byte[] value, long size);

    /** See fsetxattr(2). */
    int fsetxattr(int fd, @In byte[] name, @In byte[] value, long size, int flags);
  }
}
