package io.faultd.experiment;

import io.faultd.fault.FaultException;
import org.jspecify.annotations.Nullable;

/**
 * The answer to an order of which a record was made.
 *
 * @param experiment as it is when the answer is given
 * @param kind what the answer stands for
 * @param replayed whether it was given before, under the same idempotency key
 * @param failure why it did not come to success; the answer is then this error, with the uid
 */
public record Created(
    Experiment experiment, Kind kind, @Nullable FaultException failure, boolean replayed) {
  /** One that was not given before. */
  public Created(Experiment experiment, Kind kind, @Nullable FaultException failure) {
    this(experiment, kind, failure, false);
  }

  /** The same with the record as it is later; only a first answer is another one by that. */
  Created with(Experiment now) {
    boolean first = kind == Kind.NEW && !replayed;
    return new Created(now, kind, first ? Records.failure(now) : failure, replayed);
  }

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
