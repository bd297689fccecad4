package io.faultd.experiment;

import io.faultd.dispatch.Dispatch;
import io.faultd.fault.Effect;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The first record of an experiment, and what an answer says of a later one. */
final class Records {
  /** What a permit with bounds may not touch: a record that tells neither scope nor target. */
  static final String UNREADABLE = "an experiment whose record cannot be read";

  private Records() {}

  /** The record of an order that was admitted. */
  static Experiment fresh(String uid, Order order, Dispatch dispatch, Instant now) {
    return new Experiment(
        uid,
        dispatch.scope(),
        dispatch.spec().target(),
        dispatch.spec().action(),
        dispatch.flags(),
        order.labels(),
        order.description(),
        Status.CREATED,
        "",
        null,
        200,
        null,
        now,
        now,
        null,
        dispatch.undo(),
        null,
        dispatch.common().warnings(),
        List.of(),
        Effect.of(Effect.State.RAMPING, now),
        0,
        order.permit().actor());
  }

  /** Why an order did not come to success; absent: it did, or is on its way. */
  static @Nullable FaultException failure(Experiment record) {
    return switch (record.status()) {
      case SUCCESS -> null;
      case CREATED -> null;
      case ERROR -> record.residue().isEmpty() ? why(record) : unfinished(record);
      case DESTROYED ->
          new FaultException(
              Reason.CONFLICT, "experiment " + record.uid() + " was destroyed meanwhile");
    };
  }

  private static FaultException why(Experiment record) {
    return new FaultException(
        record.failure() == null ? Reason.INJECT_FAILED : record.failure(),
        record.code(),
        record.field(),
        record.error());
  }

  /** Why it failed is told, and first of all that something of it is there. */
  private static FaultException unfinished(Experiment record) {
    FaultException why = why(record);
    return why.reason() == Reason.RESIDUE
        ? why
        : new FaultException(
            Reason.RESIDUE,
            Reason.RESIDUE.code(),
            record.field(),
            "%s: %s; %s".formatted(why.reason(), why.getMessage(), left(record)));
  }

  private static String left(Experiment record) {
    Residue first = record.residue().getFirst();
    return "%d of its steps could not be undone; first: %s: %s"
        .formatted(record.residue().size(), first.step(), first.error());
  }

  /**
   * The first answer to an idempotency key, given again.
   *
   * @param now the record as it is
   * @throws FaultException CONFLICT if the order is another one
   */
  static Created replayed(
      Store.Remembered remembered, Experiment now, String order, boolean async) {
    if (!remembered.order().equals(order)) {
      throw new FaultException(
          Reason.CONFLICT,
          "this idempotency key was used with another body, for experiment " + remembered.uid());
    }
    if (remembered.existing()) {
      return new Created(now, Created.Kind.EXISTING, null);
    }
    Experiment then = remembered.answer();
    if (then == null || async) {
      return new Created(now, Created.Kind.ACCEPTED, null);
    }
    return new Created(now, Created.Kind.NEW, failure(then), true);
  }

  /** Why a record has residue, unless it had failed before for a reason of its own. */
  static FaultException stuck(Experiment record) {
    if (record.failure() != null && record.failure() != Reason.RESIDUE) {
      return new FaultException(record.failure(), record.code(), record.field(), record.error());
    }
    return new FaultException(Reason.RESIDUE, left(record));
  }

  /** A node that lets nobody have another thread: pids.max, or its memory. */
  static FaultException threadless(OutOfMemoryError why) {
    return new FaultException(
        Reason.INJECT_FAILED, "this node has no thread for it: " + why.getMessage());
  }

  /** A uid that is in the way. */
  static FaultException conflict(String why) {
    return new FaultException(Reason.CONFLICT, Reason.CONFLICT.code(), "uid", why);
  }

  /** A uid that nobody knows. */
  static FaultException unknown(String uid) {
    return new FaultException(
        Reason.UNKNOWN_UID, Reason.UNKNOWN_UID.code(), "uid", "no experiment " + uid);
  }
}
