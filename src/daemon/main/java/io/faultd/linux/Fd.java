package io.faultd.linux;

import java.util.concurrent.atomic.AtomicBoolean;

/** A file descriptor that we own. */
public final class Fd implements AutoCloseable {
  private static final Calls C = Native.bind(Calls.class);

  private final int number;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Takes over a descriptor that the kernel just gave us. */
  public Fd(int number) {
    this.number = number;
  }

  /** Its number; not to be used after {@link #close}. */
  public int number() {
    if (closed.get()) {
      throw new IllegalStateException("descriptor " + number + " is closed");
    }
    return number;
  }

  /** Its name in procfs, through which calls that take only names reach what it has open. */
  public String link() {
    return "/proc/self/fd/" + number();
  }

  /** Gives it back; what close(2) reports is of no use to anybody (the descriptor is gone). */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      C.close(number);
    }
  }

  @Override
  public String toString() {
    return "fd " + number;
  }

  /** What is called. */
  public interface Calls {
    /** See close(2). */
    int close(int fd);
  }
}
