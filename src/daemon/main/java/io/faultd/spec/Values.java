package io.faultd.spec;

import io.faultd.fault.FaultException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.SequencedSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the text of one flag: String, Boolean, Long, Double, Duration, Integer or a list of them,
 * as {@link FlagType} says; numbers are narrowed by {@link Binder}.
 */
final class Values {
  private static final Pattern OCTAL = Pattern.compile("[0-7]{3,4}");
  private static final Pattern RANGE = Pattern.compile("([0-9]{1,10})(?:-([0-9]{1,10}))?");

  /** More than any node has of what is listed by numbers. */
  private static final int LONGEST_LIST = 65_536;

  private Values() {}

  /**
   * The value that {@code text} stands for.
   *
   * @throws FaultException ILLEGAL_PARAMETER for what cannot be, MISSING_PARAMETER for nothing
   *     where something is required
   */
  static Object read(FlagSpec flag, String text) {
    checkText(flag.name(), text);
    if (text.isEmpty() && flag.type() != FlagType.SWITCH) {
      if (flag.required()) {
        throw FaultException.missing(flag.name(), "must not be empty");
      }
      if (flag.matcher() || flag.type() != FlagType.TEXT) {
        throw FaultException.illegal(flag.name(), "must not be empty");
      }
    }
    try {
      Object value = parse(flag, text);
      checkRange(flag, value);
      checkValues(flag, value);
      return value;
    } catch (IllegalArgumentException e) {
      throw FaultException.illegal(flag.name(), e.getMessage() + ": " + shown(text));
    }
  }

  /** Refuses what no file name, argument or record could carry unchanged. */
  static void checkText(String name, String text) {
    if (text.indexOf('\0') >= 0) {
      throw FaultException.illegal(shown(name), "must not contain the character NUL");
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        throw FaultException.illegal(shown(name), "must be Unicode text: half of a surrogate pair");
      }
    }
  }

  /** A client's text as it may stand in a message: short, on one line. */
  static String shown(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .limit(80)
        .forEach(c -> {
          if (Character.isISOControl(c) || c >= 0xd800 && c <= 0xdfff) {
            shown.append("\\u%04x".formatted(c));
          } else {
            shown.appendCodePoint(c);
          }
        });
    return text.codePointCount(0, text.length()) > 80 ? shown + "..." : shown.toString();
  }

  private static Object parse(FlagSpec flag, String text) {
    String unit = Objects.requireNonNullElse(flag.unit(), "");
    return switch (flag.type()) {
      case TEXT -> text;
      case SWITCH -> flip(text);
      case INTEGER -> integer(text, unit);
      case NUMBER -> Units.number(text, unit).doubleValue();
      case DURATION -> Units.duration(text, unit);
      case SIZE -> Units.bytes(text, unit);
      case PATH -> path(text);
      case MODE -> mode(text);
      case SIGNAL -> Signals.number(text);
      case TEXTS -> texts(text);
      case NUMBERS -> numbers(text);
    };
  }

  private static boolean flip(String text) {
    return switch (text) {
      case "", "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("must be true, false or empty");
    };
  }

  private static long integer(String text, String unit) {
    BigDecimal number = Units.number(text, unit);
    if (number.stripTrailingZeros().scale() > 0) {
      throw new IllegalArgumentException(
          "must be a whole number" + (unit.isEmpty() ? "" : " of " + unit));
    }
    try {
      return number.longValueExact();
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("must be at most " + Long.MAX_VALUE, e);
    }
  }

  private static String path(String text) {
    if (!text.startsWith("/")) {
      throw new IllegalArgumentException("must be an absolute path");
    }
    return text;
  }

  private static int mode(String text) {
    if (!OCTAL.matcher(text).matches()) {
      throw new IllegalArgumentException("must be three or four octal digits");
    }
    return Integer.parseInt(text, 8);
  }

  private static List<String> texts(String text) {
    List<String> parts = Arrays.asList(text.split(",", -1));
    if (parts.contains("")) {
      throw new IllegalArgumentException("must be texts separated by commas, none of them empty");
    }
    return List.copyOf(parts);
  }

  private static List<Integer> numbers(String text) {
    SequencedSet<Integer> numbers = new LinkedHashSet<>();
    for (String part : text.split(",", -1)) {
      Matcher match = RANGE.matcher(part);
      if (!match.matches()) {
        throw new IllegalArgumentException("must be numbers or ranges such as 0-3,7");
      }
      long first = Long.parseLong(match.group(1));
      long last = match.group(2) == null ? first : Long.parseLong(match.group(2));
      if (last > Integer.MAX_VALUE || last < first) {
        throw new IllegalArgumentException("must be ranges from low to high, below 2147483648");
      }
      if (last - first >= LONGEST_LIST - numbers.size()) {
        throw new IllegalArgumentException("must be at most " + LONGEST_LIST + " numbers");
      }
      for (long number = first; number <= last; number++) {
        numbers.add((int) number);
      }
    }
    return new ArrayList<>(numbers);
  }

  private static void checkRange(FlagSpec flag, Object value) {
    if (flag.min() == null && flag.max() == null) {
      return;
    }
    String unit = Objects.requireNonNullElse(flag.unit(), "");
    List<?> all = value instanceof List<?> list ? list : List.of(value);
    for (Object one : all) {
      double amount =
          switch (one) {
            case Duration span -> Units.in(unit, span);
            case Long bytes when flag.type() == FlagType.SIZE -> Units.in(unit, bytes);
            case Number number -> number.doubleValue();
            default -> throw new IllegalStateException(flag.name() + " has a range, but no amount");
          };
      if (flag.min() != null && amount < flag.min() || flag.max() != null && amount > flag.max()) {
        throw new IllegalArgumentException("must be " + range(flag, unit));
      }
    }
  }

  private static String range(FlagSpec flag, String unit) {
    Double min = flag.min();
    Double max = flag.max();
    String blank = unit.isEmpty() || unit.equals("%") ? unit : " " + unit;
    if (min == null) {
      return "at most " + plain(Objects.requireNonNull(max)) + blank;
    }
    return max == null
        ? "at least " + plain(min) + blank
        : "from " + plain(min) + " to " + plain(max) + blank;
  }

  private static String plain(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }

  private static void checkValues(FlagSpec flag, Object value) {
    if (flag.values().isEmpty()) {
      return;
    }
    List<?> all = value instanceof List<?> list ? list : List.of(value);
    for (Object one : all) {
      if (!flag.values().contains(one.toString())) {
        throw new IllegalArgumentException("must be one of " + String.join(", ", flag.values()));
      }
    }
  }
}
