package io.faultd.experiment;

/** Where an experiment is in its life. */
public enum Status {
  /** On disk, being injected. */
  CREATED("Created"),
  /** In place, and seen to work. */
  SUCCESS("Success"),
  /** Failed or lost; undone, or with residue. */
  ERROR("Error"),
  /** Undone. */
  DESTROYED("Destroyed");

  private final String text;

  Status(String text) {
    this.text = text;
  }

  /** The word of the interface. */
  public String text() {
    return text;
  }

  /** Whether it may still have something in place by intent. */
  public boolean active() {
    return this == CREATED || this == SUCCESS;
  }
}
