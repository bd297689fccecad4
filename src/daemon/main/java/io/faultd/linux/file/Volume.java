package io.faultd.linux.file;

import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Native;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import jnr.ffi.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * A file system by what is its own, for numbers and names of devices are given to others.
 *
 * @param type as mountinfo tells it
 * @param id {@code uuid:HEX}; where the kernel does not tell that (before 6.9), {@code fsid:HEX} of
 *     statfs(2) if that comes from it; of an overlay {@code upper:PATH}, or {@code layer:PATH} if
 *     it is the root of a container that may be started again; absent without any
 */
public record Volume(String type, @Nullable String id) {
  /** Types whose source names what is mounted, although it is no path of a device. */
  private static final Set<String> NAMED =
      Set.of("nfs", "nfs4", "zfs", "ceph", "virtiofs", "9p", "fuse.glusterfs");

  /** Types whose fsid is made of their UUID; those of others are made of their device number. */
  private static final Set<String> TELLING = Set.of("ext2", "ext3", "ext4");

  private static final String UUID = "uuid:";
  private static final String FSID = "fsid:";
  private static final String UPPER = "upper:";
  private static final String LAYER = "layer:";

  /** See linux/fs.h: _IOR(0x15, 0, struct fsuuid2), but for powerpc, mips and sparc. */
  private static final long FS_IOC_GETFSUUID = 0x80111500L;

  private static final int LONGEST = 16;
  private static final Calls C = Native.bind(Calls.class);

  /** What a file was found on. */
  static Volume of(Root root, Mount mount, List<Mount> all, Fd file) throws LinuxException {
    if (mount.type().equals("overlay")) {
      return new Volume(mount.type(), overlay(root, mount));
    }
    // a new one each time it is mounted
    String id = mount.type().equals("tmpfs") ? null : uuid(root, mount, all);
    if (id == null && TELLING.contains(mount.type())) {
      id = fsid(file, mount.point());
    }
    return new Volume(mount.type(), id);
  }

  private static @Nullable String overlay(Root root, Mount mount) throws LinuxException {
    String upper = mount.upper();
    if (!upper.startsWith("/")) {
      return null;
    }
    boolean layer = root.lasting() && mount.point().equals("/") && Layer.kept(upper, Procfs.HOST);
    return (layer ? LAYER : UPPER) + upper;
  }

  /** Of the mount's top, for a file, or what it is a link to, need not be such as may be opened. */
  private static @Nullable String uuid(Root root, Mount mount, List<Mount> all) {
    try (Fd point = root.followed(mount.point())) {
      // something else may be mounted over it; and a mount may be of one device, which is not
      // opened
      boolean folder = Stat.of(point, mount.point()).isFolder();
      if (!folder || Mount.of(point, all).filter(mount::equals).isEmpty()) {
        return null;
      }
      return own(point, mount);
    } catch (IOException e) {
      return null;
    }
  }

  private static @Nullable String own(Fd folder, Mount mount) throws LinuxException {
    try (Fd reading = Open.reading(folder, mount.point())) {
      return uuid(reading);
    }
  }

  private static @Nullable String uuid(Fd reading) {
    ByteBuffer answer = Native.buffer(1 + LONGEST);
    if (C.ioctl(reading.number(), FS_IOC_GETFSUUID, Native.at(answer)) == -1) {
      return null;
    }
    byte[] bytes = new byte[Math.min(answer.get(0), LONGEST)];
    answer.get(1, bytes);
    return UUID + HexFormat.of().formatHex(bytes);
  }

  private static String fsid(Fd fd, String path) throws LinuxException {
    ByteBuffer answer = Native.buffer(120);
    Native.check("fstatfs", C.fstatfs(fd.number(), Native.at(answer)), path);
    return FSID + Long.toHexString(answer.getLong(56));
  }

  /** Whether a source names what is mounted, now and later. */
  static boolean named(String source, @Nullable Volume volume) {
    return source.startsWith("/") || volume != null && NAMED.contains(volume.type);
  }

  /** Whether it is an overlay, known by its upper folder. */
  boolean overlay() {
    return id != null && (id.startsWith(UPPER) || id.startsWith(LAYER));
  }

  /** Whether a mount is the overlay that it is. */
  boolean layered(Mount mount) {
    return id != null && (id.equals(UPPER + mount.upper()) || id.equals(LAYER + mount.upper()));
  }

  /** The upper folder of what is seen again when a container is started again. */
  Optional<String> layer() {
    return id != null && id.startsWith(LAYER)
        ? Optional.of(id.substring(LAYER.length()))
        : Optional.empty();
  }

  /** Whether a mount, whose top is open for reading, is certainly one of another. */
  boolean without(Mount mount, Fd reading) throws LinuxException {
    String theirs = same(reading, mount.point());
    return id != null && !(theirs == null ? mount.type().equals(type) : theirs.equals(id));
  }

  /** Whether something that was opened is certainly on another. */
  boolean without(Root root, Mount mount, List<Mount> all, Fd file) throws IOException {
    if (id == null) {
      return false;
    }
    if (id.startsWith(UUID)) {
      String theirs =
          Stat.of(file, mount.point()).isFolder() ? own(file, mount) : uuid(root, mount, all);
      return theirs != null && !theirs.equals(id);
    }
    return id.startsWith(FSID) ? !fsid(file, mount.point()).equals(id) : !layered(mount);
  }

  /** An id of the same kind. */
  private @Nullable String same(Fd reading, String path) throws LinuxException {
    if (id != null && id.startsWith(UUID)) {
      return uuid(reading);
    }
    return id != null && id.startsWith(FSID) ? fsid(reading, path) : null;
  }

  /** What is called. */
  public interface Calls {
    /** See ioctl(2). */
    int ioctl(int fd, long request, Pointer answer);

    /** See fstatfs(2). */
    int fstatfs(int fd, Pointer answer);
  }
}
