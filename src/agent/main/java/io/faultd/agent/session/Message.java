package io.faultd.agent.session;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** One line of the conversation: a word, the number of the request, and fields. */
final class Message {
  private static final String PLAIN = "._-/$:,*<>[]";

  private final String word;
  private final String number;
  private final Map<String, String> fields;

  private Message(String word, String number, Map<String, String> fields) {
    this.word = word;
    this.number = number;
    this.fields = fields;
  }

  /**
   * Reads a line.
   *
   * @throws IllegalArgumentException if it is not one of the conversation
   */
  static Message read(String line) {
    Map<String, String> fields = new LinkedHashMap<>();
    String word = "";
    String number = "";
    int at = 0;
    for (int from = 0; from <= line.length(); at++) {
      int end = line.indexOf(' ', from);
      end = end < 0 ? line.length() : end;
      String part = line.substring(from, end);
      if (at == 0) {
        word = part;
      } else if (at == 1) {
        number = part;
      } else {
        int equals = part.indexOf('=');
        if (equals < 1) {
          throw new IllegalArgumentException("not a field: " + part);
        }
        fields.put(part.substring(0, equals), decode(part.substring(equals + 1)));
      }
      from = end + 1;
    }
    if (at < 2) {
      throw new IllegalArgumentException("no number: " + line);
    }
    return new Message(word, number, fields);
  }

  String word() {
    return word;
  }

  String number() {
    return number;
  }

  /** What came with it; the caller's to change. */
  Map<String, String> fields() {
    return fields;
  }

  private static String decode(String value) {
    if (value.indexOf('%') < 0) {
      return value;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c != '%') {
        bytes.write(c);
      } else if (i + 2 < value.length()) {
        bytes.write(Integer.parseInt(value.substring(i + 1, i + 3), 16));
        i += 2;
      } else {
        throw new IllegalArgumentException("not encoded: " + value);
      }
    }
    return new String(bytes.toByteArray(), StandardCharsets.UTF_8);
  }

  /** Writes lines of replies. */
  static final class Line {
    private final StringBuilder text;

    Line(String word, String number) {
      text = new StringBuilder(word).append(' ').append(number);
    }

    Line with(String key, Object value) {
      text.append(' ').append(key).append('=');
      for (byte b : String.valueOf(value).getBytes(StandardCharsets.UTF_8)) {
        char c = (char) (b & 0xff);
        if (c < 0x80 && (Character.isLetterOrDigit(c) || PLAIN.indexOf(c) >= 0)) {
          text.append(c);
        } else {
          text.append('%')
              .append(Character.toUpperCase(Character.forDigit(c >> 4, 16)))
              .append(Character.toUpperCase(Character.forDigit(c & 15, 16)));
        }
      }
      return this;
    }

    @Override
    public String toString() {
      return text.append('\n').toString();
    }
  }
}
