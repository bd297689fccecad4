package io.faultd.agent.core;

import java.util.Collections;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a library makes of the matchers of a rule. */
public final class Aim {
  private final Pointcut pointcut;
  private final @Nullable Condition condition;
  private final Map<Integer, String> arguments;

  private Aim(Pointcut pointcut, @Nullable Condition condition, Map<Integer, String> arguments) {
    this.pointcut = pointcut;
    this.condition = condition;
    this.arguments = arguments;
  }

  /** Calls at a pointcut for which a condition holds, or all if there is none. */
  public static Aim at(Pointcut pointcut, @Nullable Condition condition) {
    return new Aim(pointcut, condition, Collections.<Integer, String>emptyMap());
  }

  /**
   * Calls at a pointcut with these arguments.
   *
   * @param arguments as text, by number; the pointcut looks at them in this order
   */
  public static Aim at(Pointcut pointcut, Map<Integer, String> arguments) {
    return new Aim(pointcut, null, arguments);
  }

  Pointcut pointcut() {
    return pointcut;
  }

  @Nullable Condition condition() {
    return condition;
  }

  Map<Integer, String> arguments() {
    return arguments;
  }
}
