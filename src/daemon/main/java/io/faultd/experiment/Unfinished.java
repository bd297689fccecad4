package io.faultd.experiment;

import io.faultd.dispatch.Dispatch;
import io.faultd.fault.Claim;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An experiment that has not ended, as found at start.
 *
 * @param experiment its last record
 * @param steps those that are not undone, in order of announcement
 * @param claims what it has for itself
 * @param deadline when it ends by itself
 * @param readable whether that is its record, and not what stands in for one that cannot be read
 */
public record Unfinished(
    Experiment experiment,
    List<StoredStep> steps,
    List<Claim> claims,
    @Nullable Deadline deadline,
    boolean readable) {
  /**
   * When it ends by itself, by the clock of this boot.
   *
   * @param dispatch its order, if it is understood
   */
  @Nullable Deadline deadline(@Nullable Dispatch dispatch, Time time) {
    Duration whole = dispatch == null ? null : dispatch.common().timeout();
    return Deadline.now(deadline, experiment.expires(), whole, time);
  }
}
