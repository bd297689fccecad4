package io.faultd.testing;

import io.faultd.linux.Fd;
import io.faultd.linux.Native;
import io.faultd.linux.file.Open;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import jnr.ffi.Pointer;
import jnr.ffi.annotations.In;
import org.jspecify.annotations.Nullable;

/** What tests do to files and mounts of their own. */
public final class Kernel {
  private static final long FS_IOC_GETFLAGS = 0x80086601L;
  private static final long FS_IOC_SETFLAGS = 0x40086602L;
  private static final int IMMUTABLE_OR_APPEND = 0x30;
  private static final int MS_RDONLY = 1;
  private static final int MS_REMOUNT = 32;
  private static final int MS_BIND = 4096;
  private static final int MNT_DETACH = 2;
  private static final Calls C = Native.bind(Calls.class);

  private Kernel() {}

  /** Sets these attributes of a file as chattr(1): 0x10 immutable, 0x20 append-only, 0 none. */
  public static void attributes(Path path, int flags) throws IOException {
    try (Fd handle = Open.path(path.toString());
        Fd fd = Open.reading(handle, path.toString())) {
      ByteBuffer value = Native.buffer(8);
      Native.check(
          "ioctl", C.ioctl(fd.number(), FS_IOC_GETFLAGS, Native.at(value)), path.toString());
      // the others stay: of a file without extents ext4 makes one that has blocks, or cannot
      value.putInt(0, value.getInt(0) & ~IMMUTABLE_OR_APPEND | flags);
      Native.check(
          "ioctl", C.ioctl(fd.number(), FS_IOC_SETFLAGS, Native.at(value)), path.toString());
    }
  }

  /** Mounts a tmpfs; closing takes it away. */
  public static Mounted tmpfs(Path point, String options) throws IOException {
    mount("tmpfs", point, "tmpfs", 0, options);
    return new Mounted(point);
  }

  /** Mounts an overlay of two folders that share a file system; closing takes it away. */
  public static Mounted overlay(Path point, Path lower, Path upper, Path work) throws IOException {
    String options = "lowerdir=%s,upperdir=%s,workdir=%s".formatted(lower, upper, work);
    mount("overlay", point, "overlay", 0, options);
    return new Mounted(point);
  }

  /** Mounts a device; closing takes it away. */
  public static Mounted mounted(String device, Path point, String type) throws IOException {
    mount(device, point, type, 0, "");
    return new Mounted(point);
  }

  /** Has a file seen where another one is; closing takes it away. */
  public static Mounted over(Path point, Path file) throws IOException {
    mount(file.toString(), point, "none", MS_BIND, "");
    return new Mounted(point);
  }

  private static void mount(String source, Path point, String type, long flags, String options)
      throws IOException {
    Native.check(
        "mount",
        C.mount(
            Native.text(source),
            Native.text(point.toString()),
            Native.text(type),
            flags,
            Native.text(options)),
        point.toString());
  }

  /**
   * A mount of a test.
   *
   * @param point where
   */
  public record Mounted(Path point) implements AutoCloseable {
    /** Makes it read-only. */
    public void readOnly() throws IOException {
      mount("tmpfs", point, "tmpfs", MS_REMOUNT | MS_RDONLY, "");
    }

    /** Makes it writable again. */
    public void writable() throws IOException {
      mount("tmpfs", point, "tmpfs", MS_REMOUNT, "");
    }

    @Override
    public void close() throws IOException {
      Native.check("umount2", C.umount2(Native.text(point.toString()), MNT_DETACH), null);
    }
  }

  /** What is called. */
  public interface Calls {
    /** See ioctl(2). */
    int ioctl(int fd, long request, Pointer value);

    /** See mount(2). */
    int mount(
        @In byte[] source,
        @In byte[] target,
        @In byte[] type,
        long flags,
        @In byte @Nullable [] data);

    /** See umount(2). */
    int umount2(@In byte[] target, int flags);
  }
}
