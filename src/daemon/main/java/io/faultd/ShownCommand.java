package io.faultd;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The command line of somebody else's process, as it may be shown: without what is secret. */
final class ShownCommand {
  private static final String GONE = "***";
  private static final String WORDS = "(?i)[^=]*(pass|pwd|secret|token|key|credential|auth)[^=]*";
  private static final Pattern ASSIGNED = Pattern.compile("(" + WORDS + "=).*", Pattern.DOTALL);
  private static final Pattern OPTION = Pattern.compile("-(?![DX])" + WORDS);

  /** Of an address; what is between the slashes and the at sign. */
  private static final Pattern USER = Pattern.compile("(://)[^/@\\s]+@");

  private ShownCommand() {}

  /** Its arguments in one line. */
  static String shown(List<String> arguments) {
    List<String> shown = new ArrayList<>();
    boolean secret = false;
    for (String argument : arguments) {
      boolean option = argument.startsWith("-");
      String text = ASSIGNED.matcher(argument).replaceFirst("$1" + GONE);
      shown.add(secret && !option ? GONE : USER.matcher(text).replaceAll("$1" + GONE + "@"));
      secret = OPTION.matcher(argument).matches();
    }
    return String.join(" ", shown);
  }
}
