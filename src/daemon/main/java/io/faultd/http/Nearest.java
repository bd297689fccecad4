package io.faultd.http;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.TreeSet;

/** Finds what somebody who wrote a name wrongly may have meant. */
public final class Nearest {
  private static final int LONGEST = 64;

  private Nearest() {}

  /** A half sentence that names the valid name nearest to a wrong one, or all of them. */
  public static String hint(String wrong, Collection<String> valid) {
    String shown = wrong.toLowerCase(Locale.ROOT);
    return wrong.length() > LONGEST || valid.isEmpty()
        ? all(valid)
        : valid.stream()
            .min(Comparator.comparingInt(name -> distance(shown, name.toLowerCase(Locale.ROOT))))
            .filter(name -> distance(shown, name.toLowerCase(Locale.ROOT)) <= 1 + name.length() / 3)
            .map(name -> "; did you mean " + name + "?")
            .orElseGet(() -> all(valid));
  }

  /** A text of a client as it may stand in a message: short, on one line. */
  public static String shown(String text) {
    String line =
        text.codePoints()
            .limit(LONGEST)
            .map(c -> Character.isISOControl(c) ? '?' : c)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    return text.codePointCount(0, text.length()) > LONGEST ? line + "..." : line;
  }

  private static String all(Collection<String> valid) {
    return valid.isEmpty() ? "" : "; there are " + String.join(", ", new TreeSet<>(valid));
  }

  /** Levenshtein's distance. */
  private static int distance(String a, String b) {
    int[] last = new int[b.length() + 1];
    for (int j = 0; j < last.length; j++) {
      last[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        row[j] = Math.min(Math.min(row[j - 1], last[j]) + 1, last[j - 1] + change);
      }
      last = row;
    }
    return last[b.length()];
  }
}
