package io.faultd.client;

import jakarta.json.JsonValue;
import java.io.PrintWriter;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a command works with.
 *
 * @param out for what was asked for
 * @param err for what people should know
 * @param environment of this process
 * @param relay passes signals on
 */
record Session(PrintWriter out, PrintWriter err, Map<String, String> environment, Relay relay) {
  /** Line ends, what moves the cursor or turns the direction, halves of characters. */
  private static final Pattern UNSEEN = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]+");

  /** As a terminal may get it: whoever runs on the node chooses names that the daemon tells. */
  static String shown(String text) {
    return UNSEEN.matcher(text).replaceAll(" ");
  }

  /** Tells people something, on one line. */
  void tell(String text) {
    err.println("faultd: " + shown(text));
    err.flush();
  }

  /** Answers with one line. */
  void line(String text) {
    out.println(shown(text));
  }

  /** Answers with a document: the same to programs, though nothing in it acts on a terminal. */
  void document(JsonValue document) {
    // outside of its texts there is nothing unseen
    out.println(UNSEEN.matcher(document.toString()).replaceAll(unseen -> escaped(unseen.group())));
  }

  private static String escaped(String unseen) {
    return unseen.chars().mapToObj("\\\\u%04x"::formatted).collect(Collectors.joining());
  }
}
