package io.faultd.agent.core;

import org.jspecify.annotations.Nullable;

/** Whether a rule is about a call; runs on the application's thread, with the guard set. */
public interface Condition {
  /**
   * Looks at the call.
   *
   * @param first the first value that the pointcut looks at
   * @param second the second one
   * @throws Exception which counts as no
   */
  boolean holds(@Nullable Object first, @Nullable Object second) throws Exception;
}
