package io.faultd.rollback;

import io.faultd.linux.Fd;
import io.faultd.linux.file.Attributes;
import io.faultd.linux.file.Contents;
import io.faultd.linux.file.Stat;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Takes bytes out of the middle of a file. What follows them is kept in the scratch folder for that
 * moment, so that whoever dies meanwhile can be followed by another who finishes. It is moved piece
 * by piece, for it may be much.
 *
 * @param file who the file is (handle and inode)
 * @param place where the bytes are
 * @param ours the bytes
 * @param tail how many bytes followed them
 * @param leaving how to leave the file
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Excision(String file, long place, byte[] ours, long tail, Leaving leaving) {
  private static final int CHUNK = 1 << 16;

  /**
   * How the file is left.
   *
   * @param modified its mtime, in nanoseconds since the epoch
   * @param capabilities those that it gets back, as the cut takes them away
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Leaving(long modified, byte @Nullable [] capabilities) {
    void leave(Fd fd, String path) throws IOException {
      if (capabilities != null) {
        Attributes.capabilities(fd, capabilities, path);
      }
      Contents.modified(fd, modified, path);
      Contents.sync(fd, path);
    }
  }

  /** The bytes that followed. */
  @FunctionalInterface
  interface Tail {
    /** Some bytes from an offset, at most {@code length}; none if there are no more. */
    byte[] read(long from, int length) throws IOException;

    /** Hands over all of them, in order. */
    default void each(long length, Piece piece) throws IOException {
      for (long at = 0; at < length; ) {
        byte[] bytes = read(at, (int) Math.min(CHUNK, length - at));
        if (bytes.length == 0) {
          throw new IOException("what followed the appended bytes was cut meanwhile");
        }
        piece.take(at, bytes);
        at += bytes.length;
      }
    }
  }

  /** Takes some of the bytes that followed. */
  @FunctionalInterface
  interface Piece {
    void take(long at, byte[] bytes) throws IOException;
  }

  /** Size of the file before. */
  long size() {
    return cut() + ours.length;
  }

  /** Size of the file after. */
  long cut() {
    return place + tail;
  }

  /**
   * Does it; may be done again from any point of a former run.
   *
   * @throws IOException also if others have written behind what is known; all of it is there then
   */
  void apply(Fd fd, Tail followed, String path) throws IOException {
    if (tail > 0) {
      followed.each(tail, (at, bytes) -> Contents.write(fd, place + at, bytes, path));
      Contents.sync(fd, path);
    }
    // who opened it had to wait for us no longer than lease-break-time, and writes to it now
    if (Stat.of(fd, path).size() > size()) {
      throw new IOException("others wrote to it while our bytes were being taken out");
    }
    Contents.truncate(fd, cut(), path);
    leaving.leave(fd, path);
  }

  /** What a former run has left. */
  enum Left {
    /** The bytes are out, and nobody wrote since. */
    CUT,
    /** The bytes are out, and others wrote since. */
    CUT_AND_WRITTEN,
    /** Begun or not: to be done again, with what others have added since. */
    WHOLE,
    /** Others changed what was to be moved. */
    CHANGED
  }

  /** Looks how far a former run came. */
  Left left(Fd fd, Tail followed, String path) throws IOException {
    long now = Stat.of(fd, path).size();
    // each byte is as it was or as it was to become; all are as they were to become
    boolean mixed = now >= size();
    boolean moved = true;
    for (long at = 0; at < tail + ours.length && (mixed || moved); at += CHUNK) {
      int length = (int) Math.min(CHUNK, tail + ours.length - at);
      byte[] there = Contents.read(fd, place + at, length, path);
      byte[] old = old(followed, at, length);
      byte[] fresh = followed.read(at, (int) Math.clamp(tail - at, 0, length));
      moved &=
          Arrays.mismatch(there, 0, Math.min(there.length, fresh.length), fresh, 0, fresh.length)
              < 0;
      mixed &= mixed(there, old, fresh);
    }
    if (mixed) {
      return Left.WHOLE;
    }
    if (!moved) {
      return Left.CHANGED;
    }
    return now == cut() ? Left.CUT : Left.CUT_AND_WRITTEN;
  }

  /** Whether each byte is as it was or as it was to become. */
  private static boolean mixed(byte[] there, byte[] old, byte[] fresh) {
    for (int i = 0; i < old.length; i++) {
      boolean asMoved = i < there.length && i < fresh.length && there[i] == fresh[i];
      boolean asBefore = i < there.length && there[i] == old[i];
      if (!asMoved && !asBefore) {
        return false;
      }
    }
    return true;
  }

  /** What was at a place before: our bytes, then what followed them. */
  private byte[] old(Tail followed, long at, int length) throws IOException {
    byte[] old = new byte[length];
    int first = (int) Math.clamp(ours.length - at, 0, length);
    System.arraycopy(ours, (int) Math.min(at, ours.length), old, 0, first);
    byte[] rest = followed.read(at + first - ours.length, length - first);
    System.arraycopy(rest, 0, old, first, rest.length);
    return old;
  }
}
