package io.faultd.linux.proc;

import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Signals by name and number (signal(7)), as on x86-64 and aarch64. */
public final class Signals {
  /** Ends a process; cannot be caught. */
  public static final int KILL = 9;

  /** Continues a stopped process. */
  public static final int CONT = 18;

  /** Stops a process; cannot be caught. */
  public static final int STOP = 19;

  /** The highest number. */
  public static final int MAX = 64;

  /** glibc keeps 32 and 33 for itself. */
  private static final int RTMIN = 34;

  private static final List<String> NAMES =
      List.of(
          "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
          "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
          "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS");

  private static final Pattern REALTIME = Pattern.compile("RT(MIN|MAX)(?:([+-])([0-9]{1,2}))?");

  private Signals() {}

  /**
   * The number of a signal.
   *
   * @param text 9, KILL, SIGKILL, sigkill, RTMIN, SIGRTMIN+3, RTMAX-1, ...
   * @return empty if there is none of that name or number
   */
  public static OptionalInt number(String text) {
    String name = text.strip().toUpperCase(Locale.ROOT);
    if (name.matches("[0-9]{1,3}")) {
      return valid(Integer.parseInt(name));
    }
    if (name.startsWith("SIG")) {
      name = name.substring(3);
    }
    Matcher realtime = REALTIME.matcher(name);
    if (realtime.matches()) {
      int base = realtime.group(1).equals("MIN") ? RTMIN : MAX;
      int offset = realtime.group(3) == null ? 0 : Integer.parseInt(realtime.group(3));
      int number = "-".equals(realtime.group(2)) ? base - offset : base + offset;
      return number < RTMIN ? OptionalInt.empty() : valid(number);
    }
    return switch (name) {
      case "IOT" -> OptionalInt.of(6);
      case "CLD" -> OptionalInt.of(17);
      case "POLL" -> OptionalInt.of(29);
      default -> valid(NAMES.indexOf(name) + 1);
    };
  }

  /** The name of a signal: SIGKILL, SIGRTMIN+1, ... */
  public static String name(int number) {
    if (number >= 1 && number <= NAMES.size()) {
      return "SIG" + NAMES.get(number - 1);
    }
    if (number == RTMIN) {
      return "SIGRTMIN";
    }
    return number > RTMIN && number <= MAX ? "SIGRTMIN+" + (number - RTMIN) : "signal " + number;
  }

  private static OptionalInt valid(int number) {
    return number >= 1 && number <= MAX ? OptionalInt.of(number) : OptionalInt.empty();
  }
}
