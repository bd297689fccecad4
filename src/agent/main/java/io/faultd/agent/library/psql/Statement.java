package io.faultd.agent.library.psql;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What can be told of an SQL statement without a parser: its first word, and its first table. */
final class Statement {
  /**
   * Literals, names in quotes, and comments, whichever begins first. Loops are possessive: others
   * take a frame of the application's stack for each letter of a long literal.
   */
  private static final Pattern QUOTED =
      Pattern.compile(
          "\\b[eE]'[^'\\\\]*+(?:\\\\.[^'\\\\]*+)*+'|'[^']*+'|(\\$\\w*+\\$).*?\\1"
              + "|(\"[^\"]*+\")|--[^\\n]*+|/\\*.*?\\*/",
          Pattern.DOTALL);

  /** What has a from that no table follows. */
  private static final Pattern OTHER_FROM =
      Pattern.compile(
          "\\b(?:extract|substring|trim|overlay)\\s*\\([^()]*+(?:\\([^()]*+\\)[^()]*+)*+\\)"
              + "|\\bdistinct\\s+from\\b",
          Pattern.CASE_INSENSITIVE);

  private static final String NAME = "((?:\"[^\"]+\"|[\\w$]+)(?:\\.(?:\"[^\"]+\"|[\\w$]+))*)";
  private static final Pattern TABLE =
      Pattern.compile(
          "\\b(?:from|into|update|join|table)\\s+(?:only\\s+|if\\s+(?:not\\s+)?exists\\s+)?" + NAME,
          Pattern.CASE_INSENSITIVE);
  private static final Pattern WORD = Pattern.compile("\\s*\\(*\\s*(\\w+)");

  private final String text;

  private Statement(String text) {
    this.text = text;
  }

  static Statement of(String sql) {
    Matcher quoted = QUOTED.matcher(sql);
    StringBuffer bare = new StringBuffer();
    while (quoted.find()) {
      String name = quoted.group(2);
      quoted.appendReplacement(bare, name == null ? " " : Matcher.quoteReplacement(name));
    }
    quoted.appendTail(bare);
    return new Statement(OTHER_FROM.matcher(bare).replaceAll(" "));
  }

  /** Its first word, in small letters; null if it has none. */
  @Nullable String type() {
    Matcher word = WORD.matcher(text);
    return word.lookingAt() ? word.group(1).toLowerCase(Locale.ROOT) : null;
  }

  /** Its first table, without a schema and quotes; null if there is none. */
  @Nullable String table() {
    Matcher table = TABLE.matcher(text);
    if (!table.find()) {
      return null;
    }
    String name = table.group(1);
    return name.substring(name.lastIndexOf('.') + 1).replace("\"", "");
  }
}
