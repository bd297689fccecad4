package io.faultd.linux.file;

import io.faultd.linux.Fd;
import io.faultd.linux.LinuxException;
import java.util.OptionalLong;
import java.util.function.LongPredicate;

/**
 * Looks for bytes in an open file, however long that is, in time and memory that do not depend on
 * what is in it (Knuth, Morris and Pratt).
 */
public final class Search {
  private static final int CHUNK = 1 << 16;

  private final byte[] wanted;

  /** How long the longest beginning is that also ends at each place. */
  private final int[] borders;

  /** A search for these bytes, at least one. */
  public Search(byte[] wanted) {
    this.wanted = wanted.clone();
    this.borders = new int[wanted.length];
    int have = 0;
    for (int i = 1; i < wanted.length; i++) {
      have = next(have, wanted[i]);
      borders[i] = have;
    }
  }

  private int next(int have, byte each) {
    int now = have;
    while (now > 0 && (now == wanted.length || wanted[now] != each)) {
      now = borders[now - 1];
    }
    return wanted[now] == each ? now + 1 : 0;
  }

  /**
   * Where they are first.
   *
   * @param from not before
   * @param to where they have ended at the latest
   * @param accepted whether a place is good; asked in order until one is
   */
  public OptionalLong first(Fd fd, long from, long to, LongPredicate accepted, String path)
      throws LinuxException {
    int have = 0;
    for (long at = from; at < to; ) {
      byte[] chunk = Contents.read(fd, at, (int) Math.min(CHUNK, to - at), path);
      for (int i = 0; i < chunk.length; i++) {
        have = next(have, chunk[i]);
        long place = at + i + 1 - wanted.length;
        if (have == wanted.length && accepted.test(place)) {
          return OptionalLong.of(place);
        }
      }
      if (chunk.length == 0) {
        break;
      }
      at += chunk.length;
    }
    return OptionalLong.empty();
  }
}
