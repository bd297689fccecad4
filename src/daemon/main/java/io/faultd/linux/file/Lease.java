package io.faultd.linux.file;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.Native;

/**
 * The right to be alone with a file for a moment (F_SETLEASE, fcntl(2)): it is given only if nobody
 * else has the file open, and who opens it meanwhile waits until it is let go by closing the
 * descriptor, for /proc/sys/fs/lease-break-time seconds at most.
 */
public final class Lease {
  private static final int F_SETSIG = 10;
  private static final int F_SETLEASE = 1024;
  private static final int F_GETLEASE = 1025;
  private static final int F_RDLCK = 0;
  private static final int F_WRLCK = 1;
  private static final int F_UNLCK = 2;
  private static final int SIGURG = 23;
  private static final Calls C = Native.bind(Calls.class);

  private Lease() {}

  /** How a try ended. */
  public enum Answer {
    /** We are alone. */
    GIVEN,
    /** Others have it open. */
    HELD_OPEN,
    /** The file system has no leases, or we may not (CAP_LEASE). */
    UNSUPPORTED
  }

  /** Asks to be alone with a file that is open for writing. */
  public static Answer take(Fd fd) {
    return set(fd, F_WRLCK);
  }

  /** Whether the file system knows leases, tried on a file that is open for reading only. */
  public static boolean supported(Fd reading) {
    Answer answer = set(reading, F_RDLCK);
    if (answer == Answer.GIVEN) {
      C.fcntl(reading.number(), F_SETLEASE, F_UNLCK);
    }
    return answer != Answer.UNSUPPORTED;
  }

  private static Answer set(Fd fd, int kind) {
    // whoever opens the file makes the kernel send SIGIO, which would end the JVM; SIGURG does not
    if (C.fcntl(fd.number(), F_SETSIG, SIGURG) == -1) {
      return Answer.UNSUPPORTED;
    }
    if (C.fcntl(fd.number(), F_SETLEASE, kind) == 0) {
      return Answer.GIVEN;
    }
    return Errno.of(Native.errno()) == Errno.EAGAIN ? Answer.HELD_OPEN : Answer.UNSUPPORTED;
  }

  /** Whether nobody waits yet for us to let go. */
  public static boolean unbroken(Fd fd) {
    return C.fcntl(fd.number(), F_GETLEASE, 0) == F_WRLCK;
  }

  /** What is called. */
  public interface Calls {
    /** See fcntl(2). */
    int fcntl(int fd, int command, int argument);
  }
}
