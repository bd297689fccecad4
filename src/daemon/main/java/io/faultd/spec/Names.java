package io.faultd.spec;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;

/** Finds what somebody who wrote a name wrongly may have meant. */
public final class Names {

  private Names() {}

  /**
   * The name nearest to {@code wrong}, for messages.
   *
   * @return {@code "; did you mean NAME?"}, or the list of all names when none is near
   */
  public static String hint(String wrong, Collection<String> names) {
    return nearest(wrong, names)
        .map(name -> "; did you mean " + name + "?")
        .orElseGet(
            () -> names.isEmpty() ? "" : "; there are " + String.join(", ", new TreeSet<>(names)));
  }

  /** A client's text as it may stand in a message: short, on one line. */
  public static String shown(String text) {
    return Values.shown(text);
  }

  /** The name within a third of its letters of {@code wrong}, at the most three. */
  static Optional<String> nearest(String wrong, Collection<String> names) {
    if (wrong.length() > 64) {
      return Optional.empty();
    }
    String folded = folded(wrong);
    return names.stream()
        .filter(name -> distance(folded, folded(name)) <= Math.min(3, (name.length() + 2) / 3))
        .min(Comparator.comparingInt(name -> distance(folded, folded(name))));
  }

  private static String folded(String name) {
    return name.toLowerCase(Locale.ROOT).replace('_', '-');
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
