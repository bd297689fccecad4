package io.faultd.client;

import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Text as a terminal may get it, and a log: whoever runs on the node chooses names that are told.
 */
public final class Visible {
  /** Line ends, what moves the cursor or turns the direction, halves of characters. */
  private static final Pattern UNSEEN = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]+");

  private Visible() {}

  /** With blanks for all that is not seen, on one line. */
  public static String text(String text) {
    return UNSEEN.matcher(text).replaceAll(" ");
  }

  /** The same document to programs: outside of its texts there is nothing unseen. */
  static String json(String document) {
    return UNSEEN.matcher(document).replaceAll(unseen -> escaped(unseen.group()));
  }

  private static String escaped(String unseen) {
    return unseen.chars().mapToObj("\\\\u%04x"::formatted).collect(Collectors.joining());
  }
}
