package io.faultd;

/** Why the daemon does not start: one sentence for the person who starts it. */
public final class StartException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** A reason that says what to change. */
  public StartException(String message) {
    super(message);
  }

  /** A reason with what caused it. */
  public StartException(String message, Throwable cause) {
    super(message, cause);
  }
}
