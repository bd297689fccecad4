package io.faultd.jvm;

import org.jspecify.annotations.Nullable;

/**
 * The flags of every order about calls in a JVM.
 *
 * @param jvm in which one
 * @param effectCount at most so many calls
 * @param effectPercent exactly so many of each hundred; means nothing beside {@code effectCount}
 */
record CallFlags(JvmFlags jvm, @Nullable Long effectCount, @Nullable Integer effectPercent) {

  /** Those that say which calls are struck. */
  interface Which extends JvmFlags.Order {
    /** What they have in common. */
    CallFlags common();

    @Override
    default JvmFlags jvm() {
      return common().jvm();
    }

    /**
     * Which are struck.
     *
     * @throws io.faultd.fault.FaultException if a flag says what can be nowhere
     */
    Calls calls();
  }

  /** Flags of an action, among which are those. */
  interface Order extends JvmFlags.Order {
    /** Which are struck. */
    Which which();

    @Override
    default JvmFlags jvm() {
      return which().jvm();
    }
  }
}
