package io.faultd.agent.core;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * What a library can know of a call, by the names of its flags; and a condition made of those that
 * a rule gives: all of them hold.
 */
public final class Matchers {
  private static final String PATTERN = "-regex-pattern";

  private final Map<String, Reading[]> readings = new LinkedHashMap<>();

  /** None yet. */
  public Matchers() {}

  /**
   * A flag whose value is that of the call, whatever the case of letters.
   *
   * @param any one of which is to read it
   */
  public Matchers equal(String flag, Reading... any) {
    readings.put(flag, any);
    return this;
  }

  /** A flag {@code -regex-pattern}: a regular expression that all of the value is to match. */
  public Matchers pattern(String flag, Reading... any) {
    readings.put(flag + PATTERN, any);
    return this;
  }

  /**
   * The condition of a rule.
   *
   * @return null if it gives none of the flags
   * @throws Refusal if a value is wrong
   */
  public @Nullable Condition take(Flags flags) throws Refusal {
    List<Condition> all = new ArrayList<>();
    for (Map.Entry<String, Reading[]> each : readings.entrySet()) {
      String value = flags.take(each.getKey());
      if (value != null) {
        Test test =
            each.getKey().endsWith(PATTERN)
                ? new Matching(pattern(each.getKey(), value))
                : new Equal(value);
        all.add(new Any(each.getValue(), test));
      }
    }
    return all(all);
  }

  /** All of some conditions; null if there are none. */
  public static @Nullable Condition all(List<Condition> conditions) {
    return conditions.isEmpty() ? null : new All(conditions);
  }

  /**
   * A regular expression.
   *
   * @throws Refusal if it is none
   */
  public static Pattern pattern(String flag, String value) throws Refusal {
    try {
      return Pattern.compile(value);
    } catch (PatternSyntaxException e) {
      throw Refusal.illegal(flag, "no regular expression: " + e.getMessage());
    }
  }

  /** Reads something of a call. */
  public interface Reading {
    /**
     * Reads it.
     *
     * @return what it is; null if the call has none
     * @throws Exception which counts as none
     */
    @Nullable String of(@Nullable Object first, @Nullable Object second) throws Exception;
  }

  /** What a value is to be. */
  private interface Test {
    boolean of(String value);
  }

  private static final class Equal implements Test {
    private final String wanted;

    Equal(String wanted) {
      this.wanted = wanted;
    }

    @Override
    public boolean of(String value) {
      return wanted.equalsIgnoreCase(value);
    }
  }

  private static final class Matching implements Test {
    private final Pattern pattern;

    Matching(Pattern pattern) {
      this.pattern = pattern;
    }

    @Override
    public boolean of(String value) {
      return pattern.matcher(value).matches();
    }
  }

  private static final class Any implements Condition {
    private final Reading[] readings;
    private final Test test;

    Any(Reading[] readings, Test test) {
      this.readings = readings;
      this.test = test;
    }

    @Override
    public boolean holds(@Nullable Object first, @Nullable Object second) throws Exception {
      for (Reading each : readings) {
        String value = each.of(first, second);
        if (value != null && test.of(value)) {
          return true;
        }
      }
      return false;
    }
  }

  private static final class All implements Condition {
    private final List<Condition> conditions;

    All(List<Condition> conditions) {
      this.conditions = conditions;
    }

    @Override
    public boolean holds(@Nullable Object first, @Nullable Object second) throws Exception {
      for (Condition each : conditions) {
        if (!each.holds(first, second)) {
          return false;
        }
      }
      return true;
    }
  }
}
