package io.faultd.fault;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A failure that its reader can act upon: which flag, what is wrong with it, what would be right.
 */
public final class FaultException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Reason reason;
  private final int code;
  private final @Nullable String field;

  /** A failure with the reason's own code. */
  public FaultException(Reason reason, String message) {
    this(reason, reason.code(), null, message);
  }

  /**
   * A failure.
   *
   * @param code of the catalogue, where it says it better than the reason's own
   * @param field the flag or body key that is to blame
   */
  public FaultException(Reason reason, int code, @Nullable String field, String message) {
    super(message);
    this.reason = reason;
    this.code = code;
    this.field = field;
  }

  /** A flag or body key with a value that cannot be. */
  public static FaultException illegal(String field, String message) {
    return new FaultException(
        Reason.ILLEGAL_PARAMETER, Reason.ILLEGAL_PARAMETER.code(), field, field + ": " + message);
  }

  /** A flag or body key that is absent. */
  public static FaultException missing(String field, String message) {
    return new FaultException(
        Reason.MISSING_PARAMETER, Reason.MISSING_PARAMETER.code(), field, field + ": " + message);
  }

  /** What this node or target cannot do for a flag or body key, whatever value that has. */
  public static FaultException unsupported(String field, String message) {
    return new FaultException(
        Reason.UNSUPPORTED, Reason.UNSUPPORTED.code(), field, field + ": " + message);
  }

  /** Why. */
  public Reason reason() {
    return reason;
  }

  /** The code of the catalogue. */
  public int code() {
    return code;
  }

  /** The flag or body key that is to blame. */
  public Optional<String> field() {
    return Optional.ofNullable(field);
  }
}
