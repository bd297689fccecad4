package io.faultd.os.file;

import io.faultd.fault.Injection;
import io.faultd.fault.Undo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What one experiment has appended to a file, in as few steps as can be: rounds that are one right
 * behind the other become one step.
 */
final class Rounds {
  /** The bytes of one step, which are taken out at once. */
  private static final int LONGEST = 1 << 20;

  /** So many bytes of a step are kept themselves. */
  private static final int KNOWN = 1 << 10;

  /** So many steps one experiment has, as each is looked at each second. */
  private static final int MOST = 1 << 11;

  private final ByteArrayOutputStream beginning = new ByteArrayOutputStream();
  private MessageDigest digest = sha256();
  private Undo.@Nullable BytesAppended last;
  private Injection.@Nullable Ticket ticket;
  private int steps;

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // each Java has it
    }
  }

  /** Refuses a round that could not be kept apart from all the others. */
  void admit(Undo.BytesAppended announced) throws IOException {
    if (steps >= MOST && !follows(announced, announced.length())) {
      throw new IOException(
          "%s: others wrote between %d rounds, and more cannot be kept apart"
              .formatted(announced.file().path(), steps));
    }
  }

  private boolean follows(Undo.BytesAppended next, long length) {
    return last != null
        && last.place() + last.length() == next.place()
        && last.length() + length <= LONGEST;
  }

  /**
   * Reports a round.
   *
   * @param next the announced step, with what is known of it now
   * @param bytes what was written
   */
  void made(Injection on, Injection.Ticket announced, Undo.BytesAppended next, byte[] bytes) {
    Undo.BytesAppended before = follows(next, bytes.length) ? last : null;
    Injection.Ticket earlier = ticket;
    last = null; // should this not be written, then nothing follows it
    if (before == null || earlier == null) {
      digest = sha256();
      beginning.reset();
      steps++;
      add(bytes);
      Undo.BytesAppended made = told(next, next, bytes.length);
      on.made(announced, made);
      ticket = announced;
      last = made;
    } else {
      add(bytes);
      Undo.BytesAppended whole = told(before, next, before.length() + bytes.length);
      on.merged(announced, earlier, whole);
      last = whole;
    }
  }

  private void add(byte[] bytes) {
    digest.update(bytes);
    beginning.write(bytes, 0, Math.min(bytes.length, KNOWN - beginning.size()));
  }

  private Undo.BytesAppended told(
      Undo.BytesAppended first, Undo.BytesAppended newest, long length) {
    return new Undo.BytesAppended(
        first.file(),
        Base64.getEncoder().encodeToString(beginning.toByteArray()),
        first.before(),
        first.offset(),
        newest.modified(),
        length > beginning.size() ? new Undo.BytesAppended.Rounds(length, soFar()) : null,
        newest.capabilities() == null ? first.capabilities() : newest.capabilities());
  }

  private String soFar() {
    try {
      return HexFormat.of().formatHex(((MessageDigest) digest.clone()).digest());
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException(e); // Java's own can
    }
  }
}
