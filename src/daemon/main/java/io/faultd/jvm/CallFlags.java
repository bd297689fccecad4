package io.faultd.jvm;

import org.jspecify.annotations.Nullable;

/** The flags of every order about calls in a JVM: which of them are struck, and how many. */
interface CallFlags extends JvmFlags {
  /** At most so many. */
  @Nullable Long effectCount();

  /** Exactly so many of each hundred; means nothing beside {@link #effectCount}. */
  @Nullable Integer effectPercent();

  /**
   * Which are struck.
   *
   * @throws io.faultd.fault.FaultException if a flag says what can be nowhere
   */
  Calls calls();
}
