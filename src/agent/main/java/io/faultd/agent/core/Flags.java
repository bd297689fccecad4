package io.faultd.agent.core;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The flags of a rule, taken one by one; what is left over at the end nobody knows. */
public final class Flags {
  private final Map<String, String> left;

  /** Of what was sent; the map is used up. */
  public Flags(Map<String, String> sent) {
    left = sent;
  }

  /** The value of a flag, or null. */
  public @Nullable String take(String flag) {
    return left.remove(flag);
  }

  /**
   * The value of a flag that must be there.
   *
   * @throws Refusal if it is not
   */
  public String need(String flag) throws Refusal {
    String value = take(flag);
    if (value == null || value.isEmpty()) {
      throw new Refusal(Refusal.Kind.MISSING, flag, "is missing");
    }
    return value;
  }

  /** Whether a switch is on. */
  public boolean on(String flag) throws Refusal {
    String value = take(flag);
    if (value == null || value.equals("false")) {
      return false;
    }
    if (value.isEmpty() || value.equals("true")) {
      return true;
    }
    throw Refusal.illegal(flag, "must be true or false: " + value);
  }

  /**
   * A whole number.
   *
   * @param otherwise its value if the flag is not there
   * @throws Refusal if it is no number from {@code min} to {@code max}
   */
  public long number(String flag, long min, long max, long otherwise) throws Refusal {
    String value = take(flag);
    return value == null ? otherwise : number(flag, value, min, max);
  }

  private static long number(String flag, String value, long min, long max) throws Refusal {
    try {
      long number = Long.parseLong(value.trim());
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw Refusal.illegal(flag, "must be a whole number: " + value);
    }
    throw Refusal.illegal(flag, "must be from " + min + " to " + max + ": " + value);
  }

  /** A whole number that must be there, see {@link #number}. */
  public long needNumber(String flag, long min, long max) throws Refusal {
    return number(flag, need(flag), min, max);
  }

  /**
   * Nothing more is to be taken.
   *
   * @throws Refusal if something is left
   */
  public void end() throws Refusal {
    for (String flag : left.keySet()) {
      throw Refusal.illegal(flag, "is not a flag of this action");
    }
  }
}
