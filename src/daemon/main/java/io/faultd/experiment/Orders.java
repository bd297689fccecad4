package io.faultd.experiment;

import io.faultd.dispatch.Dispatch;
import io.faultd.fault.Displacing;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.spec.Names;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What is checked of an order before anybody looks at its target, and how two are told apart. */
final class Orders {
  private static final Pattern UID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final int LONGEST_KEY = 255;

  /** Bytes of UTF-8 in one order, see docs/api.md. */
  static final int LARGEST_FLAGS = 64 * 1024;

  static final int LARGEST_LABELS = 8 * 1024;
  static final int LONGEST_DESCRIPTION = 4 * 1024;

  private static final SecureRandom RANDOM = new SecureRandom();

  private Orders() {}

  /** A uid for an order that has none. */
  static String newUid() {
    byte[] bytes = new byte[8];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

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
    bounded("description", bytes(order.description()), LONGEST_DESCRIPTION);
    long labels = 0;
    for (Map.Entry<String, String> label : order.labels().entrySet()) {
      String name = label.getKey();
      if (name.isEmpty() || name.length() > LONGEST_KEY || name.contains("=")) {
        throw FaultException.illegal(
            "labels", "a name has 1 to 255 characters and no '=': '" + Names.shown(name) + "'");
      }
      text("labels", name);
      text("labels", label.getValue());
      labels += bytes(name) + bytes(label.getValue());
    }
    bounded("labels", labels, LARGEST_LABELS);
    flags(order.flags());
  }

  /**
   * Checks whether whoever orders it may.
   *
   * @throws FaultException FORBIDDEN
   */
  static void permitted(Order order, Dispatch dispatch) {
    Permit permit = order.permit();
    permit.check(dispatch.scope(), dispatch.spec().target());
    if (!permit.protectedToo() && !dispatch.common().allowProtected().isEmpty()) {
      throw new FaultException(
          Reason.FORBIDDEN,
          Reason.FORBIDDEN.code(),
          "allow-protected",
          permit.actor().name() + " may not touch what is protected; that takes the role admin");
    }
    if (dispatch.params() instanceof Displacing params) {
      params.displacing().ifPresent(permit::checkUnboundedBy);
    }
  }

  /** All flags count: what is in place keeps them in memory, 256 experiments as the default. */
  private static void flags(Map<String, String> flags) {
    long all = 0;
    long most = -1;
    String longest = "";
    for (Map.Entry<String, String> flag : flags.entrySet()) {
      text(Names.shown(flag.getKey()), flag.getKey());
      text(Names.shown(flag.getKey()), flag.getValue());
      long size = bytes(flag.getKey()) + bytes(flag.getValue());
      all += size;
      if (size > most) {
        most = size;
        longest = Names.shown(flag.getKey());
      }
    }
    if (all > LARGEST_FLAGS) {
      throw FaultException.illegal(
          longest,
          "names and values of all flags may have %d bytes together, not %d; %d are of this one"
              .formatted(LARGEST_FLAGS, all, most));
    }
  }

  private static void bounded(String field, long size, int most) {
    if (size > most) {
      throw FaultException.illegal(field, "may have %d bytes, not %d".formatted(most, size));
    }
  }

  private static long bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /** What a key of a caller is kept as: callers do not know of each other's. */
  static String kept(String key, Order order) {
    return order.permit().actor().name() + "\n" + key;
  }

  /** Nobody waits for what is answered at once. */
  static void checkWait(Experiments.Waiting waiting, Dispatch dispatch) {
    if (waiting.settle() != null && dispatch.common().async()) {
      throw FaultException.illegal(
          "async", "is answered at once, and does not go with a wait for the settled effect");
    }
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
