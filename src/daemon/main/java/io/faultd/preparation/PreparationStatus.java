package io.faultd.preparation;

/** Where a preparation is in its life. */
public enum PreparationStatus {
  /** Recorded; being made. */
  CREATED("Created"),
  /** The agent has answered. */
  RUNNING("Running"),
  /** It could not be made; nothing is left of it. */
  ERROR("Error"),
  /** Ended, by order, with its target or with the daemon. */
  REVOKED("Revoked");

  private final String text;

  PreparationStatus(String text) {
    this.text = text;
  }

  /** As people and clients write it. */
  public String text() {
    return text;
  }

  /** Whether it is, or will be, in place. */
  public boolean active() {
    return this == CREATED || this == RUNNING;
  }
}
