package io.faultd;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The command line of somebody else's process, as it may be shown: without what is secret. */
final class ShownCommand {
  private static final String GONE = "***";
  private static final Pattern WORDS =
      Pattern.compile("pass|pwd|secret|token|key|credential|auth", Pattern.CASE_INSENSITIVE);

  /** Of an address; what is between the slashes and the at sign. */
  private static final Pattern USER = Pattern.compile("(://)[^/@\\s]+@");

  private ShownCommand() {}

  /** Its arguments in one line. */
  static String shown(List<String> arguments) {
    List<String> shown = new ArrayList<>();
    boolean secret = false;
    for (String argument : arguments) {
      boolean option = argument.startsWith("-");
      String text = withoutSecret(argument);
      shown.add(secret && !option ? GONE : USER.matcher(text).replaceAll("$1" + GONE + "@"));
      secret = namesSecret(argument);
    }
    return String.join(" ", shown);
  }

  /** An option whose value is the next argument. */
  private static boolean namesSecret(String argument) {
    return argument.startsWith("-")
        && !argument.startsWith("-D")
        && !argument.startsWith("-X")
        && argument.indexOf('=') < 0
        && WORDS.matcher(argument).find();
  }

  /** In one pass: somebody else's argument may have 128 KiB of anything. */
  private static String withoutSecret(String argument) {
    int begin = 0;
    for (int end = argument.indexOf('='); end >= 0; end = argument.indexOf('=', begin)) {
      if (WORDS.matcher(argument).region(begin, end).find()) {
        return argument.substring(0, end + 1) + GONE;
      }
      begin = end + 1;
    }
    return argument;
  }
}
