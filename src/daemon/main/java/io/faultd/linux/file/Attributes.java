package io.faultd.linux.file;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Native;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;

/** Extended attributes (xattr(7)): ACLs, capabilities, labels. */
public final class Attributes {
  private static final int MOST = 1 << 16;
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
