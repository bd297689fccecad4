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

  private Keys() {}

  static void forget(DbExecute tx, Instant now) {
    tx.createNamedDelete("key-forget").addParam("before", now.minus(LIFE).toEpochMilli()).execute();
  }

  static long add(DbExecute tx, String key, Instant now, Remembered meaning) {
    forget(tx, now);
    return tx.createNamedInsert("key-add")
        .addParam("name", key)
        .addParam("uid", meaning.uid())
        .addParam("print", meaning.order())
        .addParam("made", now.toEpochMilli())
        .addParam("existing", meaning.existing() ? 1 : 0)
        .execute();
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
