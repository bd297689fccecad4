package io.faultd.rollback;

/** How taking back one step ended. */
public sealed interface Outcome {
  /** As before; or there was nothing (any more) to take back. */
  record Undone() implements Outcome {}

  /**
   * Somebody else changed it meanwhile; their change stays and the step is over.
   *
   * @param warning what was found, for the record
   */
  record Conflict(String warning) implements Outcome {}

  /**
   * Not now: to be tried again.
   *
   * @param error why
   */
  record Stuck(String error) implements Outcome {}
}
