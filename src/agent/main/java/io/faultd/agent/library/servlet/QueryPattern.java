package io.faultd.agent.library.servlet;

import io.faultd.agent.core.Calls;
import io.faultd.agent.core.Condition;
import io.faultd.agent.core.Matchers;
import io.faultd.agent.core.Refusal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression that all of the query matches; or, if it reads like {@code a=1.*&b=2}, those
 * of the values of some parameters, which are in the query in any order, among others.
 */
final class QueryPattern implements Condition {
  private final Pattern whole;
  private final Map<String, Pattern> values;
  private final Calls query;

  private QueryPattern(Pattern whole, Map<String, Pattern> values, Calls query) {
    this.whole = whole;
    this.values = values;
    this.query = query;
  }

  /**
   * Makes one.
   *
   * @param query how the query of a request is read
   * @throws Refusal if it is no regular expression
   */
  static QueryPattern of(String flag, String text, Calls query) throws Refusal {
    return new QueryPattern(Matchers.pattern(flag, text), values(text), query);
  }

  /** By the names of parameters; empty if it does not read so. */
  private static Map<String, Pattern> values(String text) {
    Map<String, Pattern> values = new LinkedHashMap<>();
    for (String part : text.split("&", -1)) {
      int equals = part.indexOf('=');
      try {
        values.put(part.substring(0, equals), Pattern.compile(part.substring(equals + 1)));
      } catch (PatternSyntaxException | StringIndexOutOfBoundsException e) {
        return new LinkedHashMap<>();
      }
    }
    return values;
  }

  @Override
  public boolean holds(@Nullable Object request, @Nullable Object response) throws Exception {
    String text = request == null ? null : query.text(request);
    return text != null && (whole.matcher(text).matches() || among(text.split("&", -1)));
  }

  private boolean among(String[] parts) {
    for (Map.Entry<String, Pattern> each : values.entrySet()) {
      boolean found = false;
      for (String part : parts) {
        int equals = part.indexOf('=');
        found |=
            equals >= 0
                && part.substring(0, equals).equalsIgnoreCase(each.getKey())
                && each.getValue().matcher(part.substring(equals + 1)).matches();
      }
      if (!found) {
        return false;
      }
    }
    return !values.isEmpty();
  }
}
