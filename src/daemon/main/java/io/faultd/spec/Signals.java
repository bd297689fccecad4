package io.faultd.spec;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The signals of signal(7), by number and by name; numbers as on x86 and ARM. */
final class Signals {
  /** Highest number the kernel knows (_NSIG). */
  static final int LAST = 64;

  private static final int FIRST_REAL_TIME = 34; // of glibc, which keeps two for itself
  private static final List<String> NAMES =
      List.of(
          "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV",
          "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU",
          "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,2}");
  private static final Pattern REAL_TIME = Pattern.compile("RTM(IN|AX)(?:([+-])([0-9]{1,2}))?");

  private Signals() {}

  /**
   * A signal's number.
   *
   * @param text number or name, with or without SIG, in any case
   * @throws IllegalArgumentException saying what would be right
   */
  static int number(String text) {
    int number = NUMBER.matcher(text).matches() ? Integer.parseInt(text) : named(text);
    if (number < 1 || number > LAST) {
      throw new IllegalArgumentException("must be a signal: 1 to 64, or a name such as TERM");
    }
    return number;
  }

  private static int named(String text) {
    String name = text.toUpperCase(Locale.ROOT);
    name = name.startsWith("SIG") ? name.substring(3) : name;
    Matcher match = REAL_TIME.matcher(name);
    if (match.matches()) {
      int offset = match.group(3) == null ? 0 : Integer.parseInt(match.group(3));
      int base = match.group(1).equals("IN") ? FIRST_REAL_TIME : LAST;
      int number = "-".equals(match.group(2)) ? base - offset : base + offset;
      return number < FIRST_REAL_TIME ? -1 : number;
    }
    return switch (name) {
      case "" -> -1;
      case "POLL" -> NAMES.indexOf("IO");
      case "CLD" -> NAMES.indexOf("CHLD");
      case "IOT" -> NAMES.indexOf("ABRT");
      default -> NAMES.indexOf(name);
    };
  }
}
