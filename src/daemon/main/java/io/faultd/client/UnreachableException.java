package io.faultd.client;

/** The daemon did not answer, or said that it is not ready. */
final class UnreachableException extends ClientException {
  private static final long serialVersionUID = 1;

  private final boolean there;

  /**
   * A failure.
   *
   * @param there whether somebody took the connection: a daemon that ends, or begins
   */
  UnreachableException(String message, boolean there) {
    super(Outcome.UNREACHABLE, message);
    this.there = there;
  }

  boolean there() {
    return there;
  }
}
