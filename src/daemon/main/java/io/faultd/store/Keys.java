package io.faultd.store;

import io.faultd.experiment.Experiment;
import io.faultd.experiment.Store.Remembered;
import io.helidon.dbclient.DbExecute;
import io.helidon.dbclient.DbRow;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Idempotency keys, and what they stand for: for a day. */
final class Keys {
  private static final Duration LIFE = Duration.ofHours(24);

  /** Of one experiment, beside the one that made it: these only find it, as its uid does. */
  private static final int FURTHER = 63;

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

  /** One more for an experiment that is there, in the place of the oldest such one if need be. */
  static long addFurther(DbExecute tx, String key, Instant now, Remembered meaning) {
    long added = add(tx, key, now, meaning);
    tx.createNamedDelete("key-crowded")
        .addParam("uid", meaning.uid())
        .addParam("most", FURTHER)
        .execute();
    return added;
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
