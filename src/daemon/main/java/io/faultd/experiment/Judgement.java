package io.faultd.experiment;

import io.faultd.fault.Effect;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a fault does, by what was seen of its parts.
 *
 * @param time by which it does so since
 */
record Judgement(Time time) {
  /** How the reason begins if what the fault was aimed at is no more. */
  static final String TARGET_GONE = "target-gone: ";

  /**
   * Of all parts together.
   *
   * @param asked what was asked for
   * @param all how many parts there are
   * @param lost why some of them are no more in place
   * @param changed whether any of these was changed by others, and its target is there
   * @param figures what the parts say themselves
   */
  Effect of(Effect asked, int all, List<String> lost, boolean changed, @Nullable Effect figures) {
    if (all > 0 && lost.size() == all) {
      String detail = (changed ? "gone: " : TARGET_GONE) + lost.getFirst();
      return become(asked, Effect.State.GONE, detail);
    }
    if (!lost.isEmpty()) {
      String detail = lost.size() + " of " + all + " lost, first: " + lost.getFirst();
      return become(asked, Effect.State.DEGRADED, detail);
    }
    return figures == null ? become(asked, Effect.State.SETTLED, null) : figures;
  }

  /** The same figures, in a state; since now, if it is another one. */
  Effect become(Effect old, Effect.State state, @Nullable String detail) {
    Instant since = old.state() == state ? old.since() : time.now();
    return new Effect(
        state, old.asked(), old.achieved(), old.unit(), old.hits(), old.bytes(), since, detail);
  }
}
