package io.faultd.os.file;

import io.faultd.fault.FaultException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** From the flag {@code content} to bytes. */
final class Text {
  private Text() {}

  /**
   * The bytes that are meant: those of the base 64 text, or the text and a newline, as echo writes
   * it.
   */
  static byte[] bytes(@Nullable String content, boolean base64) {
    if (content == null || content.isEmpty()) {
      return new byte[0];
    }
    if (base64) {
      return decode(content);
    }
    return (encodable(content) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  static byte[] decode(String content) {
    try {
      return Base64.getMimeDecoder().decode(strict(content));
    } catch (IllegalArgumentException e) {
      throw FaultException.illegal("content", "is not base 64 (" + e.getMessage() + ")");
    }
  }

  // the MIME decoder skips whatever it does not know; only line ends may be skipped
  private static String strict(String content) {
    for (int i = 0; i < content.length(); i++) {
      char c = content.charAt(i);
      boolean known =
          (c >= 'A' && c <= 'Z')
              || (c >= 'a' && c <= 'z')
              || (c >= '0' && c <= '9')
              || "+/=\r\n".indexOf(c) >= 0;
      if (!known) {
        throw new IllegalArgumentException("character " + (i + 1) + " is not of its alphabet");
      }
    }
    return content;
  }

  static String encodable(String content) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(content)) {
      throw FaultException.illegal("content", "has half a surrogate pair; use enable-base64");
    }
    return content;
  }
}
