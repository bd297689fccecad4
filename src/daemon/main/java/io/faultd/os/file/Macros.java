package io.faultd.os.file;

import java.time.ZonedDateTime;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Replaces {@code @{DATE:+%F}} by the time in strftime(3)'s terms and {@code @{RANDOM:1-9}} by a
 * whole number of that range; behind a backslash they stay as they are, without the backslash.
 */
final class Macros {
  private static final Pattern MACRO =
      Pattern.compile("\\\\?@\\{(?:DATE:\\+?([^{}]*)|RANDOM:([0-9]{1,18})-([0-9]{1,18}))\\}");

  private Macros() {}

  static String expand(String text, ZonedDateTime now, RandomGenerator random) {
    return MACRO
        .matcher(text)
        .replaceAll(found -> Matcher.quoteReplacement(one(found, now, random)));
  }

  private static String one(
      java.util.regex.MatchResult found, ZonedDateTime now, RandomGenerator random) {
    String all = found.group();
    if (all.startsWith("\\")) {
      return all.substring(1);
    }
    if (found.group(1) != null) {
      return Strftime.format(found.group(1), now);
    }
    long from = Long.parseLong(found.group(2));
    long to = Long.parseLong(found.group(3));
    return from > to ? all : Long.toString(random.nextLong(from, to + 1));
  }
}
