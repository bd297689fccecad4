package io.faultd.linux;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The kernel said no. */
public final class LinuxException extends IOException implements Refused {
  private static final long serialVersionUID = 1;

  private final String call;
  private final int number;
  private final @Nullable String path;

  /**
   * A refusal.
   *
   * @param call the system call
   * @param number errno(3)
   * @param path what it was about, if anything has a name
   */
  public LinuxException(String call, int number, @Nullable String path) {
    super(message(call, number, path));
    this.call = call;
    this.number = number;
    this.path = path;
  }

  private static String message(String call, int number, @Nullable String path) {
    Errno errno = Errno.of(number);
    String why =
        errno == Errno.UNKNOWN ? "error " + number : errno.text() + " (" + errno.name() + ")";
    return call + ": " + why + (path == null ? "" : ": " + path);
  }

  /** The system call. */
  public String call() {
    return call;
  }

  @Override
  public int number() {
    return number;
  }

  /** What it was about, as people name it; null without a name. */
  public @Nullable String path() {
    return path;
  }

  /** Also of namespaces, of which there may be so many (namespaces(7), /proc/sys/user). */
  @Override
  public boolean shortage() {
    return Refused.super.shortage() || call.equals("unshare") && is(Errno.ENOSPC);
  }
}
