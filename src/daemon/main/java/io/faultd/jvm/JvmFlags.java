package io.faultd.jvm;

import org.jspecify.annotations.Nullable;

/** The flags of every order for a JVM: which one, and whether its agent is to be a new one. */
public interface JvmFlags {
  /** A part of its command line. */
  @Nullable String process();

  /** Its pid, as its place numbers it. */
  @Nullable Integer pid();

  /** Whether an agent that is there is sent away first. */
  boolean refresh();

  /** Taken for the sake of clients that send it. */
  @Nullable String javaHome();
}
