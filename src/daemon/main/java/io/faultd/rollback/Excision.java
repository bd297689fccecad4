package io.faultd.rollback;

import io.faultd.linux.Fd;
import io.faultd.linux.file.Contents;
import io.faultd.linux.file.Stat;
import java.io.IOException;
import java.util.Arrays;

/**
 * Takes bytes out of the middle of a file. What follows them is kept in the scratch folder for that
 * moment, so that whoever dies meanwhile can be followed by another who finishes.
 *
 * @param file who the file is (handle and inode)
 * @param place where the bytes are
 * @param ours the bytes
 * @param tail all that followed them
 * @param modified the mtime to leave behind, in nanoseconds since the epoch
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Excision(String file, long place, byte[] ours, byte[] tail, long modified) {

  /** Size of the file before. */
  long size() {
    return cut() + ours.length;
  }

  /** Size of the file after. */
  long cut() {
    return place + tail.length;
  }

  /** Does it; may be done again from any point of a former run. */
  void apply(Fd fd, String path) throws IOException {
    if (tail.length > 0) {
      Contents.write(fd, place, tail, path);
      Contents.sync(fd, path);
    }
    Contents.truncate(fd, cut(), path);
    finish(fd, modified, path);
  }

  private static void finish(Fd fd, long modified, String path) throws IOException {
    Contents.modified(fd, modified, path);
    Contents.sync(fd, path);
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
  Left left(Fd fd, String path) throws IOException {
    long now = Stat.of(fd, path).size();
    byte[] there = Contents.read(fd, place, tail.length + ours.length, path);
    boolean moved =
        there.length >= tail.length && Arrays.equals(there, 0, tail.length, tail, 0, tail.length);
    if (now < size()) {
      if (!moved) {
        return Left.CHANGED;
      }
      return now == cut() ? Left.CUT : Left.CUT_AND_WRITTEN;
    }
    if (mixed(there)) {
      return Left.WHOLE;
    }
    return moved ? Left.CUT_AND_WRITTEN : Left.CHANGED;
  }

  /** Whether each byte is as it was or as it was to become. */
  private boolean mixed(byte[] there) {
    byte[] old = Bytes.join(ours, tail);
    for (int i = 0; i < old.length; i++) {
      if (there[i] != old[i] && (i >= tail.length || there[i] != tail[i])) {
        return false;
      }
    }
    return true;
  }

  /** Sets the time that a death left wrong. */
  void settle(Fd fd, String path) throws IOException {
    finish(fd, modified, path);
  }
}
