package io.faultd.os.file;

import java.nio.charset.StandardCharsets;

/** Backslash sequences as {@code echo -e} reads them. */
final class Escapes {
  private final StringBuilder text = new StringBuilder();
  private final String from;
  private int at;

  private Escapes(String from) {
    this.from = from;
  }

  /**
   * Interprets a line.
   *
   * @return the bytes with the newline that ends it, unless {@code \c} ended it before
   */
  static byte[] line(String from) {
    Escapes escapes = new Escapes(from);
    boolean ended = escapes.run();
    // bytes given by number are kept apart from characters: Latin-1 until here
    byte[] bytes = escapes.text.toString().getBytes(StandardCharsets.ISO_8859_1);
    if (ended) {
      return bytes;
    }
    byte[] line = java.util.Arrays.copyOf(bytes, bytes.length + 1);
    line[bytes.length] = '\n';
    return line;
  }

  private boolean run() {
    while (at < from.length()) {
      int c = from.codePointAt(at);
      at += Character.charCount(c);
      if (c != '\\' || at >= from.length()) {
        character(c);
      } else if (from.charAt(at) == 'c') {
        return true;
      } else {
        sequence(from.charAt(at++));
      }
    }
    return false;
  }

  private void sequence(char letter) {
    int plain = "abefnrtv\\E".indexOf(letter);
    if (plain >= 0) {
      text.append("\u0007\b\u001b\f\n\r\t\u000b\\\u001b".charAt(plain));
      return;
    }
    switch (letter) {
      case '0' -> number("0", 8, 3, true);
      case 'x' -> number("x", 16, 2, true);
      case 'u' -> number("u", 16, 4, false);
      case 'U' -> number("U", 16, 8, false);
      default -> {
        text.append('\\');
        at--;
        int c = from.codePointAt(at);
        at += Character.charCount(c);
        character(c);
      }
    }
  }

  private void number(String letter, int radix, int most, boolean isByte) {
    int end = at;
    while (end < from.length()
        && end < at + most
        && Character.digit(from.charAt(end), radix) >= 0) {
      end++;
    }
    if (end == at && !letter.equals("0")) {
      text.append('\\').append(letter);
      return;
    }
    long value = end == at ? 0 : Long.parseLong(from.substring(at, end), radix);
    at = end;
    if (isByte) {
      text.append((char) (value & 0xff));
    } else if (value <= Character.MAX_CODE_POINT && (value < 0xd800 || value > 0xdfff)) {
      character((int) value);
    }
  }

  private void character(int codePoint) {
    byte[] bytes = Character.toString(codePoint).getBytes(StandardCharsets.UTF_8);
    text.append(new String(bytes, StandardCharsets.ISO_8859_1));
  }
}
