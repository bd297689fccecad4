package io.faultd.spec;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Amounts with units: time spans as Go writes them, bytes as Kubernetes does (M is 10^6, Mi 2^20).
 */
public final class Units {
  private static final long SECOND = 1_000_000_000;
  private static final Map<String, Long> NANOS =
      Map.ofEntries(
          Map.entry("ns", 1L),
          Map.entry("us", 1_000L),
          Map.entry("\u00b5s", 1_000L),
          Map.entry("\u03bcs", 1_000L),
          Map.entry("ms", 1_000_000L),
          Map.entry("s", 1_000_000_000L),
          Map.entry("m", 60_000_000_000L),
          Map.entry("h", 3_600_000_000_000L),
          Map.entry("d", 86_400_000_000_000L));
  private static final Map<String, Long> BYTES =
      Map.ofEntries(
          Map.entry("B", 1L),
          Map.entry("K", 1_000L),
          Map.entry("k", 1_000L),
          Map.entry("KB", 1_000L),
          Map.entry("kB", 1_000L),
          Map.entry("M", 1_000_000L),
          Map.entry("MB", 1_000_000L),
          Map.entry("G", 1_000_000_000L),
          Map.entry("GB", 1_000_000_000L),
          Map.entry("T", 1_000_000_000_000L),
          Map.entry("TB", 1_000_000_000_000L),
          Map.entry("Ki", 1L << 10),
          Map.entry("KiB", 1L << 10),
          Map.entry("Mi", 1L << 20),
          Map.entry("MiB", 1L << 20),
          Map.entry("Gi", 1L << 30),
          Map.entry("GiB", 1L << 30),
          Map.entry("Ti", 1L << 40),
          Map.entry("TiB", 1L << 40));

  /** Longer than any experiment: a century. */
  private static final BigDecimal LONGEST = decimal(36_525).multiply(decimal(86_400 * SECOND));

  private static final BigDecimal LARGEST = new BigDecimal(Long.MAX_VALUE);

  /** Bounded, so that no text makes a number that takes long to compute. */
  private static final Pattern PART = Pattern.compile("([0-9]{1,20}(?:\\.[0-9]{1,20})?)([^0-9.]*)");

  private Units() {}

  static boolean ofTime(String unit) {
    return NANOS.containsKey(unit);
  }

  static boolean ofBytes(String unit) {
    return BYTES.containsKey(unit);
  }

  /**
   * A time span in seconds, or with units: {@code 1m30s}.
   *
   * @throws IllegalArgumentException saying what would be right
   */
  public static Duration seconds(String text) {
    return duration(text, "s");
  }

  /**
   * A time span.
   *
   * @param unit of a bare number
   * @throws IllegalArgumentException saying what would be right
   */
  static Duration duration(String text, String unit) {
    BigDecimal nanos = nanos(text, unit);
    if (nanos.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("must be at most 100 years");
    }
    BigDecimal[] parts =
        nanos.divideToIntegralValue(BigDecimal.ONE).divideAndRemainder(decimal(SECOND));
    return Duration.ofSeconds(parts[0].longValueExact(), parts[1].longValueExact());
  }

  /** How many {@code unit}s a time span is. */
  static double in(String unit, Duration span) {
    return new BigDecimal(span.getSeconds())
            .multiply(decimal(SECOND))
            .add(decimal(span.getNano()))
            .doubleValue()
        / factor(NANOS, unit);
  }

  /** How many {@code unit}s an amount of bytes is. */
  static double in(String unit, long bytes) {
    return (double) bytes / factor(BYTES, unit);
  }

  /**
   * An amount of bytes.
   *
   * @param unit of a bare number
   * @throws IllegalArgumentException saying what would be right
   */
  static long bytes(String text, String unit) {
    BigDecimal bytes = bytesOf(text, unit);
    if (bytes.compareTo(LARGEST) > 0) {
      throw new IllegalArgumentException("must be less than 8 EiB");
    }
    if (bytes.stripTrailingZeros().scale() > 0) {
      throw new IllegalArgumentException("must be a whole number of bytes");
    }
    return bytes.longValueExact();
  }

  /**
   * A number that may carry its unit, or another one of the same kind.
   *
   * @param unit of a bare number; empty: it has none
   * @throws IllegalArgumentException saying what would be right
   */
  static BigDecimal number(String text, String unit) {
    boolean negative = text.startsWith("-");
    String amount = negative ? text.substring(1) : text;
    Matcher match = PART.matcher(amount);
    if (match.matches() && (match.group(2).isEmpty() || match.group(2).equals(unit))) {
      BigDecimal number = new BigDecimal(match.group(1));
      return negative ? number.negate() : number;
    }
    if (!negative && ofTime(unit)) {
      return shortened(nanos(amount, unit), factor(NANOS, unit));
    }
    if (!negative && ofBytes(unit)) {
      return shortened(bytesOf(amount, unit), factor(BYTES, unit));
    }
    throw new IllegalArgumentException(
        "must be a number" + (unit.isEmpty() ? "" : ", bare or with the unit " + unit));
  }

  private static BigDecimal shortened(BigDecimal amount, long unit) {
    return amount.divide(decimal(unit), MathContext.DECIMAL128);
  }

  private static BigDecimal nanos(String text, String unit) {
    BigDecimal nanos = BigDecimal.ZERO;
    Matcher part = PART.matcher(text);
    int end = 0;
    for (; end < text.length() && part.find(end) && part.start() == end; end = part.end()) {
      boolean bare = part.group(2).isEmpty() && end == 0 && part.end() == text.length();
      Long factor = NANOS.get(bare ? unit : part.group(2));
      if (factor == null) {
        break;
      }
      nanos = nanos.add(new BigDecimal(part.group(1)).multiply(decimal(factor)));
    }
    if (text.isEmpty() || end < text.length()) {
      throw new IllegalArgumentException(
          "must be a time span such as 500ms, 1m30s or a number of " + unit);
    }
    return nanos;
  }

  private static BigDecimal bytesOf(String text, String unit) {
    Matcher match = PART.matcher(text);
    if (match.matches()) {
      Long factor = BYTES.get(match.group(2).isEmpty() ? unit : match.group(2));
      if (factor != null) {
        return new BigDecimal(match.group(1)).multiply(decimal(factor));
      }
    }
    throw new IllegalArgumentException(
        "must be an amount of bytes such as 100MiB, 2GiB or a number of " + unit);
  }

  private static long factor(Map<String, Long> units, String unit) {
    Long factor = units.get(unit);
    if (factor == null) {
      throw new IllegalStateException("the spec let pass a wrong unit: " + unit);
    }
    return factor;
  }

  private static BigDecimal decimal(long number) {
    return BigDecimal.valueOf(number);
  }
}
