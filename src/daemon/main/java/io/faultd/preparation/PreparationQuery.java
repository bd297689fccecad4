package io.faultd.preparation;

import org.jspecify.annotations.Nullable;

/**
 * Which records are wanted; what is absent does not filter.
 *
 * @param type jvm
 * @param status in this state
 * @param after uid of a record: only what comes behind it in the list
 * @param offset so many are passed over
 * @param limit how many at the most
 * @param ascending oldest first
 */
public record PreparationQuery(
    @Nullable String type,
    @Nullable PreparationStatus status,
    @Nullable String after,
    int offset,
    int limit,
    boolean ascending) {
  /** From the first record on. */
  public PreparationQuery(
      @Nullable String type,
      @Nullable PreparationStatus status,
      int offset,
      int limit,
      boolean ascending) {
    this(type, status, null, offset, limit, ascending);
  }

  /** What comes behind a record, and no more than this. */
  public PreparationQuery behind(@Nullable String last, int most) {
    return new PreparationQuery(type, status, last, 0, most, ascending);
  }

  /** All that this might want if the states were others. */
  PreparationQuery ofAnyStatus() {
    return new PreparationQuery(type, null, after, 0, Integer.MAX_VALUE, ascending);
  }
}
