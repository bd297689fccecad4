package io.faultd.linux.proc;

import io.faultd.linux.Errno;
import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import io.faultd.linux.Native;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import jnr.ffi.Pointer;

/**
 * A process held by descriptor (pidfd_open(2), Linux 5.3): what is sent through it never reaches
 * another process, however often the pid is used again.
 */
public final class Pidfd implements AutoCloseable {
  /** Numbers of the system calls: the same on all architectures, all being newer than 5.0. */
  private static final long SEND_SIGNAL = 424;

  private static final long OPEN = 434;
  private static final short POLLIN = 1;

  private static final Calls C = Native.bind(Calls.class);

  private final Fd fd;
  private final int pid;

  private Pidfd(Fd fd, int pid) {
    this.fd = fd;
    this.pid = pid;
  }

  /**
   * Takes hold of a process.
   *
   * @return empty if it is gone and waited for, whoever has its pid now
   * @throws LinuxException if the kernel has no pidfds, or out of descriptors
   */
  public static Optional<Pidfd> open(ProcessIdentity process, Procfs procfs) throws LinuxException {
    long number = C.syscall(OPEN, process.pid(), 0, 0, 0);
    if (number == -1) {
      LinuxException refused =
          new LinuxException("pidfd_open", Native.errno(), "process " + process.pid());
      // EINVAL and ENOENT: the pid is now that of a thread
      if (refused.is(Errno.ESRCH, Errno.EINVAL, Errno.ENOENT)) {
        return Optional.empty();
      }
      throw refused;
    }
    Pidfd opened = new Pidfd(new Fd((int) number), process.pid());
    // only now: the descriptor holds whoever had the pid then, and this tells who that was
    if (procfs.stat(process).isEmpty()
        || process.unique() != 0 && process.unique() != opened.inode()) {
      opened.close();
      return Optional.empty();
    }
    return Optional.of(opened);
  }

  /**
   * The same process, known by all that the kernel tells of it.
   *
   * @return empty if it is gone
   * @throws LinuxException if the kernel has no pidfds, or out of descriptors
   */
  public static Optional<ProcessIdentity> known(ProcessIdentity process, Procfs procfs)
      throws LinuxException {
    Optional<Pidfd> held = open(process, procfs);
    if (held.isEmpty()) {
      return Optional.empty();
    }
    try (Pidfd pidfd = held.get()) {
      return Optional.of(
          new ProcessIdentity(
              process.pid(), process.startTicks(), process.bootId(), pidfd.inode()));
    }
  }

  private long inode() {
    try {
      Object inode = Files.getAttribute(Path.of("/proc/self/fd/" + fd.number()), "unix:ino");
      return ((Number) inode).longValue();
    } catch (IOException e) {
      return 0; // no procfs of our own: the start time must do
    }
  }

  /**
   * Opens, sends, closes.
   *
   * @return whether it was delivered; false if the process is gone
   * @throws LinuxException if it may not be
   */
  public static boolean send(ProcessIdentity process, int signal, Procfs procfs)
      throws LinuxException {
    Optional<Pidfd> held = open(process, procfs);
    if (held.isEmpty()) {
      return false;
    }
    try (Pidfd pidfd = held.get()) {
      return pidfd.send(signal);
    }
  }

  /** Whether a process has ended (or is a zombie). */
  public static boolean ended(ProcessIdentity process, Procfs procfs) throws LinuxException {
    Optional<Pidfd> held = open(process, procfs);
    if (held.isEmpty()) {
      return true;
    }
    try (Pidfd pidfd = held.get()) {
      return pidfd.ended(Duration.ZERO);
    }
  }

  /**
   * Sends a signal.
   *
   * @return whether it was delivered; false if the process is gone
   * @throws LinuxException if it may not be
   */
  public boolean send(int signal) throws LinuxException {
    if (C.syscall(SEND_SIGNAL, fd.number(), signal, 0, 0) == 0) {
      return true;
    }
    LinuxException refused =
        new LinuxException("pidfd_send_signal", Native.errno(), "process " + pid);
    if (refused.is(Errno.ESRCH)) {
      return false;
    }
    throw refused;
  }

  /**
   * Waits until all threads of the process have ended.
   *
   * @param limit at most so long, in milliseconds' precision; keep it short, nothing wakes it
   * @return whether they have
   */
  public boolean ended(Duration limit) throws LinuxException {
    ByteBuffer poll = Native.buffer(8);
    poll.putInt(0, fd.number()).putShort(4, POLLIN);
    int ready = C.poll(Native.at(poll), 1, (int) limit.toMillis());
    if (Native.interrupted(ready)) {
      return false;
    }
    return Native.check("poll", ready, "process " + pid) == 1;
  }

  /** Lets go. */
  @Override
  public void close() {
    fd.close();
  }

  /** What is called. */
  public interface Calls {
    /** See syscall(2). */
    long syscall(long number, long first, long second, long third, long fourth);

    /** See poll(2). */
    int poll(Pointer descriptors, long count, int milliseconds);
  }
}
