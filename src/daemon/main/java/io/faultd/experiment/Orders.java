package io.faultd.experiment;

import io.faultd.dispatch.Dispatch;
import io.faultd.fault.FaultException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What is checked of an order before anybody looks at its target, and how two are told apart. */
final class Orders {
  private static final Pattern UID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final int LONGEST_KEY = 255;

  private Orders() {}

  /**
   * Checks the parts that mean the same for every action.
   *
   * @throws FaultException ILLEGAL_PARAMETER
   */
  static void check(Order order) {
    String uid = order.uid();
    if (uid != null && (!UID.matcher(uid).matches() || uid.equals(".") || uid.equals(".."))) {
      throw FaultException.illegal(
          "uid", "1 to 64 letters, digits, dots, underscores and hyphens are a uid");
    }
    text("description", order.description());
    order
        .labels()
        .forEach((name, value) -> {
          if (name.isEmpty() || name.length() > LONGEST_KEY || name.contains("=")) {
            throw FaultException.illegal(
                "labels", "a name has 1 to 255 characters and no '=': '" + name + "'");
          }
          text("labels", name);
          text("labels", value);
        });
    order.flags().forEach((name, value) -> text(name, value));
  }

  /** Checks the key of a client that may ask twice. */
  static void checkKey(String key) {
    if (key.isEmpty() || key.length() > LONGEST_KEY) {
      throw FaultException.illegal("Idempotency-Key", "1 to 255 characters are a key");
    }
    text("Idempotency-Key", key);
  }

  /** A fingerprint of all that an order says; equal orders have equal ones. */
  static String fingerprint(Order order, Dispatch dispatch) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      add(digest, order.uid() == null ? "" : order.uid());
      add(digest, dispatch.scope());
      add(digest, dispatch.spec().target());
      add(digest, dispatch.spec().action());
      add(digest, order.flags());
      add(digest, order.description());
      add(digest, order.labels());
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static void add(MessageDigest digest, Map<String, String> map) {
    digest.update(ByteBuffer.allocate(4).putInt(map.size()).flip());
    new TreeMap<>(map)
        .forEach((key, value) -> {
          add(digest, key);
          add(digest, value);
        });
  }

  private static void add(MessageDigest digest, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    digest.update(ByteBuffer.allocate(4).putInt(bytes.length).flip());
    digest.update(bytes);
  }

  private static void text(String field, String value) {
    try {
      StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(value));
    } catch (CharacterCodingException e) {
      throw FaultException.illegal(field, "half a surrogate pair is no text");
    }
  }
}
