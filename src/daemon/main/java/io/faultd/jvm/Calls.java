package io.faultd.jvm;

import io.faultd.fault.FaultException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** Which calls a rule strikes: those of a target to which all matchers fit. */
final class Calls {
  private final String target;
  private final String shown;
  private final String waiting;
  private final Map<String, String> flags = new LinkedHashMap<>();

  private Calls(String target, String shown, String waiting) {
    this.target = target;
    this.shown = shown;
    this.waiting = waiting;
  }

  /**
   * All calls of a target, as many as the limits let through.
   *
   * @param target whose, as agents know it: jvm, or a library
   * @param shown which they are, for people
   * @param waiting what a rule waits for whose class is not loaded yet, for people
   */
  static Calls of(String target, String shown, String waiting, CallFlags limits) {
    Integer percent = limits.effectCount() == null ? limits.effectPercent() : null;
    return new Calls(target, shown, waiting)
        .with("effect-count", limits.effectCount())
        .with("effect-percent", percent);
  }

  /** Only those to which a matcher fits, if it is given. */
  Calls with(String flag, @Nullable Object value) {
    if (value != null) {
      flags.put(flag, value.toString());
    }
    return this;
  }

  /** Only those to which a regular expression fits, if it is given. */
  Calls matching(String flag, @Nullable String expression) {
    try {
      return with(flag, expression == null ? null : Pattern.compile(expression));
    } catch (PatternSyntaxException e) {
      throw FaultException.illegal(flag, "is no regular expression: " + e.getDescription());
    }
  }

  String target() {
    return target;
  }

  String waiting() {
    return waiting;
  }

  /** Which they are, as agents read it; only what was given. */
  Map<String, String> flags() {
    return Collections.unmodifiableMap(flags);
  }

  @Override
  public String toString() {
    return shown;
  }
}
