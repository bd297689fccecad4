package io.faultd.http;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Time spans as people write them: a number of seconds, or text such as {@code 1m30s}. */
public final class Durations {
  private static final Pattern BARE = Pattern.compile("\\d{1,10}(\\.\\d{1,9})?");
  private static final Pattern PART =
      Pattern.compile("(\\d{1,10}(?:\\.\\d{1,9})?)(ns|us|\u00b5s|ms|s|m|h|d)");
  private static final Map<String, Long> NANOS =
      Map.of(
          "ns", 1L,
          "us", 1_000L,
          "\u00b5s", 1_000L,
          "ms", 1_000_000L,
          "s", 1_000_000_000L,
          "m", 60_000_000_000L,
          "h", 3_600_000_000_000L,
          "d", 86_400_000_000_000L);
  private static final BigDecimal LONGEST = BigDecimal.valueOf(36_500L * 86_400L * 1_000_000_000L);

  private Durations() {}

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException saying what would be right
   */
  public static Duration parse(String text) {
    BigDecimal nanos =
        BARE.matcher(text).matches()
            ? new BigDecimal(text).movePointRight(9)
            : parts(text, PART.matcher(text));
    if (nanos.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("more than 100 years");
    }
    return Duration.ofNanos(nanos.longValue());
  }

  private static BigDecimal parts(String text, Matcher part) {
    BigDecimal nanos = BigDecimal.ZERO;
    int end = 0;
    while (end < text.length() && part.find(end) && part.start() == end) {
      nanos =
          nanos.add(
              new BigDecimal(part.group(1))
                  .multiply(BigDecimal.valueOf(NANOS.getOrDefault(part.group(2), 0L))));
      end = part.end();
    }
    if (text.isEmpty() || end < text.length()) {
      throw new IllegalArgumentException("not a time span such as 30s, 500ms, 1m30s or 30");
    }
    return nanos;
  }
}
