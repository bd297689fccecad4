package io.faultd.experiment;

import io.faultd.fault.FaultException;
import org.jspecify.annotations.Nullable;

/**
 * The answer to an order of which a record was made.
 *
 * @param experiment as it is when the answer is given
 * @param kind what the answer stands for
 * @param failure why it did not come to success; the answer is then this error, with the uid
 */
public record Created(Experiment experiment, Kind kind, @Nullable FaultException failure) {
  /** What the answer stands for. */
  public enum Kind {
    /** Injected now, or failed. */
    NEW,
    /** It was there already: same uid, same order. */
    EXISTING,
    /** Being injected behind the answer. */
    ACCEPTED
  }
}
