package io.faultd.agent.library.psql;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What can be told of an SQL statement without a parser: its first word, and its first table. */
final class Statement {
  private static final Pattern NOTES = Pattern.compile("--[^\\n]*|/\\*.*?\\*/", Pattern.DOTALL);
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
    return new Statement(NOTES.matcher(sql).replaceAll(" "));
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
