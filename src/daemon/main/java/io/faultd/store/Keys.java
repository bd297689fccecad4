package io.faultd.store;

import io.faultd.experiment.Experiment;
import io.faultd.experiment.Store.Remembered;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.helidon.dbclient.DbExecute;
import io.helidon.dbclient.DbRow;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Idempotency keys, and what they stand for: for a day. */
final class Keys {
  private static final Duration LIFE = Duration.ofHours(24);

  /** Of one experiment: one has been enough to make it, the others only find it. */
  private static final int MOST = 64;

  private Keys() {}

  static long forget(DbExecute tx, Instant now) {
    return tx.createNamedDelete("key-forget")
        .addParam("before", now.minus(LIFE).toEpochMilli())
        .execute();
  }

  /** One that stands for nothing by now; what it stood for more than a day ago it does no more. */
  static long add(DbExecute tx, String key, Instant now, Remembered meaning) {
    return tx.createNamedInsert("key-add")
        .addParam("name", key)
        .addParam("uid", meaning.uid())
        .addParam("print", meaning.order())
        .addParam("made", now.toEpochMilli())
        .addParam("existing", meaning.existing() ? 1 : 0)
        .execute();
  }

  /**
   * One more for an experiment that is there.
   *
   * @throws FaultException LIMIT if it has too many
   */
  static long addFurther(DbExecute tx, String key, Instant now, Remembered meaning) {
    forget(tx, now);
    long present =
        tx.createNamedGet("key-count")
            .addParam("uid", meaning.uid())
            .execute()
            .map(row -> Database.number(row, "present"))
            .orElse(0L);
    if (present >= MOST) {
      throw new FaultException(
          Reason.LIMIT,
          "experiment %s has %d idempotency keys of the last 24 hours; send one of them, or none"
              .formatted(meaning.uid(), present));
    }
    return add(tx, key, now, meaning);
  }

  static Optional<Remembered> get(DbExecute db, String key, Instant now) {
    return db.createNamedGet("key-get")
        .addParam("name", key)
        .addParam("since", now.minus(LIFE).toEpochMilli())
        .execute()
        .map(row -> remembered(db, row));
  }

  private static Remembered remembered(DbExecute db, DbRow row) {
    String uid = Database.text(row, "uid");
    Experiment answer =
        db.createNamedGet("change-first-answer")
            .addParam("uid", uid)
            .execute()
            .map(found -> Rows.change(found).experiment())
            .orElse(null);
    boolean existing = Database.number(row, "existing") == 1;
    return new Remembered(uid, Database.text(row, "print"), existing, answer);
  }
}
