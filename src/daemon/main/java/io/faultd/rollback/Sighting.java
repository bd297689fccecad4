package io.faultd.rollback;

/** What is seen of a step's change now. */
public enum Sighting {
  /** In place. */
  PRESENT,
  /** Taken back or changed by somebody else. */
  CHANGED,
  /** The changed thing itself is no more. */
  TARGET_GONE,
  /** What the changed thing is on is not mounted now; it may come back as it was. */
  TARGET_AWAY,
  /** Nothing that has an effect: a note about another change. */
  ASIDE
}
