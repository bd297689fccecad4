package io.faultd.client;

/** The daemon did not answer, or said that it is not ready. */
final class UnreachableException extends ClientException {
  private static final long serialVersionUID = 1;

  private final boolean there;
  private final boolean pending;

  /**
   * A failure.
   *
   * @param there whether somebody took the connection: a daemon that ends, or begins
   */
  UnreachableException(String message, boolean there) {
    this(message, there, false);
  }

  /**
   * A failure.
   *
   * @param there whether somebody took the connection: a daemon that ends, or begins
   * @param pending whether the connection was still there, and its answer was not
   */
  UnreachableException(String message, boolean there, boolean pending) {
    super(Outcome.UNREACHABLE, message);
    this.there = there;
    this.pending = pending;
  }

  boolean there() {
    return there;
  }

  boolean pending() {
    return pending;
  }
}
