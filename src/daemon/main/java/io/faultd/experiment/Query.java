package io.faultd.experiment;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which records; absent parts do not filter.
 *
 * @param uid exactly
 * @param target canonical
 * @param actions canonical: one of these
 * @param flag a part of the flag text
 * @param status where in its life
 * @param labels all of these
 * @param after uid of a record: only what comes behind it in the list
 * @param offset how many to leave out
 * @param limit how many at the most
 * @param ascending oldest first; else newest first
 */
public record Query(
    @Nullable String uid,
    @Nullable String target,
    @Nullable Set<String> actions,
    @Nullable String flag,
    @Nullable Status status,
    Map<String, String> labels,
    @Nullable String after,
    int offset,
    int limit,
    boolean ascending) {
  /** From the first record on. */
  public Query(
      @Nullable String uid,
      @Nullable String target,
      @Nullable Set<String> actions,
      @Nullable String flag,
      @Nullable Status status,
      Map<String, String> labels,
      int offset,
      int limit,
      boolean ascending) {
    this(uid, target, actions, flag, status, labels, null, offset, limit, ascending);
  }

  /** What comes behind a record, and no more than this. */
  public Query behind(@Nullable String last, int most) {
    return new Query(uid, target, actions, flag, status, labels, last, 0, most, ascending);
  }
}
