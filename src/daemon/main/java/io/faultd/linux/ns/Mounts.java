package io.faultd.linux.ns;

import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Native;
import java.util.Map;
import jnr.ffi.annotations.In;
import org.jspecify.annotations.Nullable;

/** Mounts by descriptor (Linux 5.2): made where nobody sees them, and laid somewhere as a whole. */
final class Mounts {
  // the same on all architectures, being newer than 5.0
  private static final long OPEN_TREE = 428;
  private static final long MOVE_MOUNT = 429;
  private static final long FSOPEN = 430;
  private static final long FSCONFIG = 431;
  private static final long FSMOUNT = 432;

  // linux/mount.h
  private static final int CLOEXEC = 1;
  private static final int SET_STRING = 1;
  private static final int CREATE = 6;
  private static final int FROM_DESCRIPTOR = 0x4;
  private static final int TO_DESCRIPTOR = 0x40;
  private static final int NOSUID_NODEV_NOEXEC = 0x2 | 0x4 | 0x8;
  private static final int OPEN_TREE_CLONE = 1;
  private static final int OPEN_TREE_CLOEXEC = 02000000;
  private static final long REC_PRIVATE = 0x4000 | 1 << 18;
  private static final int DETACH = 2;

  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int AT_FDCWD = -100;
  private static final byte[] NOTHING = Native.text("");
  private static final byte[] HERE = Native.text(".");
  private static final byte[] TOP = Native.text("/");
  private static final Calls C = Native.bind(Calls.class);

  private Mounts() {}

  /**
   * Loads this class and what its calls need, which can no longer be found from inside of another
   * mount namespace: before going there.
   */
  static void load() {
    // neither leads anywhere
    C.fchdir(-1);
    C.umount2(NOTHING, 0);
  }

  /** A file system that is mounted nowhere yet. */
  static Fd made(String type, String source, Map<String, String> options) throws LinuxException {
    long context = C.syscall(FSOPEN, Native.text(type), CLOEXEC);
    try (Fd opened = new Fd((int) Native.check("fsopen", context, type))) {
      configure(opened, SET_STRING, "source", source);
      for (Map.Entry<String, String> each : options.entrySet()) {
        configure(opened, SET_STRING, each.getKey(), each.getValue());
      }
      configure(opened, CREATE, null, null);
      long mount = C.syscall(FSMOUNT, opened.number(), CLOEXEC, NOSUID_NODEV_NOEXEC);
      return new Fd((int) Native.check("fsmount", mount, type));
    }
  }

  private static void configure(Fd context, int command, @Nullable String key, @Nullable String to)
      throws LinuxException {
    byte[] name = key == null ? null : Native.text(key);
    byte[] value = to == null ? null : Native.text(to);
    Native.check("fsconfig", C.syscall(FSCONFIG, context.number(), command, name, value, 0), key);
  }

  /** What is seen from a folder on, without what is mounted below, mounted nowhere yet. */
  static Fd copy(Fd folder) throws LinuxException {
    long flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH;
    long tree = C.syscall(OPEN_TREE, folder.number(), NOTHING, flags);
    return new Fd((int) Native.check("open_tree", tree, null));
  }

  /** Mounts what is mounted nowhere over a folder, and over what is mounted there. */
  static void lay(Fd mount, Fd folder) throws LinuxException {
    move(mount, folder.number(), NOTHING, FROM_DESCRIPTOR | TO_DESCRIPTOR);
  }

  /** The same by the name of the folder in another one. */
  static void lay(Fd mount, Fd into, String name) throws LinuxException {
    move(mount, into.number(), Native.text(name), FROM_DESCRIPTOR);
  }

  /** The same over the root of this thread, which itself goes on without it. */
  static void layOverRoot(Fd mount) throws LinuxException {
    move(mount, AT_FDCWD, TOP, FROM_DESCRIPTOR);
  }

  private static void move(Fd mount, int folder, byte[] path, int flags) throws LinuxException {
    long done = C.syscall(MOVE_MOUNT, mount.number(), NOTHING, folder, path, flags);
    Native.check("move_mount", done, null);
  }

  /** What is mounted in this thread's namespace from now on, others do not see, and vice versa. */
  static void keepToOurselves() throws LinuxException {
    Native.check("mount", C.mount(null, TOP, null, REC_PRIVATE, null), "/");
  }

  /** Changes the working folder of this thread, which has one of its own. */
  static void enter(Fd folder) throws LinuxException {
    Native.check("fchdir", C.fchdir(folder.number()), null);
  }

  /** Takes away the mount that has this top; who has something of it open keeps that. */
  static void detach(Fd top) throws LinuxException {
    enter(top);
    Native.check("umount2", C.umount2(HERE, DETACH), null);
  }

  /** What is called. */
  public interface Calls {
    /** See fsopen(2). */
    long syscall(long number, @In byte[] type, long flags);

    /** See fsmount(2). */
    long syscall(long number, long context, long flags, long attributes);

    /** See open_tree(2). */
    long syscall(long number, long folder, @In byte[] path, long flags);

    /** See move_mount(2). */
    @SuppressWarnings("checkstyle:ParameterNumber") // the kernel's own
    long syscall(long number, long from, @In byte[] path, long to, @In byte[] toPath, long flags);

    /** See fsconfig(2). */
    @SuppressWarnings("checkstyle:ParameterNumber") // the kernel's own
    long syscall(
        long number,
        long context,
        long command,
        @In byte @Nullable [] key,
        @In byte @Nullable [] value,
        long none);

    /** See mount(2). */
    int mount(
        @In byte @Nullable [] source,
        @In byte[] target,
        @In byte @Nullable [] type,
        long flags,
        @In byte @Nullable [] data);

    /** See umount2(2). */
    int umount2(@In byte[] target, int flags);

    /** See fchdir(2). */
    int fchdir(int folder);
  }
}
