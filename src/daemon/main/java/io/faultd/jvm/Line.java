package io.faultd.jvm;

import io.faultd.fault.Agent.Rule;
import io.faultd.fault.Agent.State;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One line of the conversation with an agent: {@code WORD NUMBER key=value ...}, values
 * percent-encoded.
 *
 * @param word what it is
 * @param number the request that it belongs to; 0: none
 * @param fields by key, the first of equal ones
 * @param warnings all of the key {@code warning}
 */
record Line(String word, long number, Map<String, String> fields, List<String> warnings) {
  private static final String PLAIN = ".-_/$:,*<>[]";

  Line {
    fields = Map.copyOf(fields);
    warnings = List.copyOf(warnings);
  }

  /** A request. */
  static Line of(String word, long number, Map<String, String> fields) {
    return new Line(word, number, fields, List.of());
  }

  /**
   * Reads one.
   *
   * @throws IOException if it is none
   */
  static Line parse(String text) throws IOException {
    String[] parts = text.split(" ", -1);
    Map<String, String> fields = new LinkedHashMap<>();
    List<String> warnings = new ArrayList<>();
    try {
      for (int i = 2; i < parts.length; i++) {
        int equals = parts[i].indexOf('=');
        if (equals < 1) {
          throw new IOException("not a line of an agent: " + text);
        }
        String key = parts[i].substring(0, equals);
        String value = decode(parts[i].substring(equals + 1));
        if (key.equals("warning")) {
          warnings.add(value);
        }
        fields.putIfAbsent(key, value);
      }
      return new Line(parts[0], Long.parseLong(parts[1]), fields, warnings);
    } catch (IndexOutOfBoundsException | NumberFormatException e) {
      throw new IOException("not a line of an agent: " + text, e);
    }
  }

  /** A field; empty if it is absent. */
  String field(String key) {
    return fields.getOrDefault(key, "");
  }

  /** A field that is a number; 0 if it is absent or none. */
  long amount(String key) {
    try {
      return Long.parseLong(field(key));
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** The rule that it tells of. */
  Rule rule() {
    State state =
        switch (field("state")) {
          case "armed" -> State.ARMED;
          case "waiting" -> State.WAITING;
          case "spent" -> State.SPENT;
          // broken, and what a later agent may say
          default -> State.BROKEN;
        };
    return new Rule(state, amount("hits"), amount("classes"), field("error"), warnings);
  }

  /** As it is sent, its end included. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(word).append(' ').append(number);
    fields.forEach((key, value) -> text.append(' ').append(key).append('=').append(encode(value)));
    return text.append('\n').toString();
  }

  /** A value without blanks, line ends and what separates. */
  static String encode(String value) {
    StringBuilder text = new StringBuilder();
    for (byte each : value.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (each & 0xff);
      if (c < 128 && (Character.isLetterOrDigit(c) || PLAIN.indexOf(c) >= 0)) {
        text.append(c);
      } else {
        text.append("%%%02X".formatted((int) c));
      }
    }
    return text.toString();
  }

  private static String decode(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%') {
        bytes.write(Integer.parseInt(text.substring(i + 1, i + 3), 16));
        i += 2;
      } else {
        bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
      }
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
