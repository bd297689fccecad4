package io.faultd.linux.file;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Native;
import java.util.Optional;

/**
 * The only holder of a file, by flock(2), until it is closed or this process ends.
 *
 * <p>Not fcntl(2): those locks are lost when anybody in the process closes any descriptor of the
 * file, and are not seen between two holders in one process.
 */
public final class Flock implements AutoCloseable {
  private static final int EXCLUSIVE = 2;
  private static final int NONBLOCKING = 4;
  private static final Calls C = Native.bind(Calls.class);

  private final Fd fd;

  private Flock(Fd fd) {
    this.fd = fd;
  }

  /**
   * Takes a file, which is made for root only if there is none: who can open it can lock it.
   *
   * @return nothing if somebody holds it
   * @throws LinuxException if it cannot be opened, or is a link
   */
  public static Optional<Flock> take(String path) throws LinuxException {
    Fd fd = Open.lockable(path);
    int result;
    do {
      result = C.flock(fd.number(), EXCLUSIVE | NONBLOCKING);
    } while (Native.interrupted(result));
    if (result == 0) {
      return Optional.of(new Flock(fd));
    }
    LinuxException failure = new LinuxException("flock", Native.errno(), path);
    fd.close();
    if (failure.is(Errno.EAGAIN)) {
      return Optional.empty();
    }
    throw failure;
  }

  @Override
  public void close() {
    fd.close();
  }

  /** What is called. */
  public interface Calls {
    /** See flock(2). */
    int flock(int fd, int operation);
  }
}
