package io.faultd.store;

import java.util.List;

/**
 * The schema, as the steps that lead to it. A step is never changed once it was released; a new one
 * is added at the end. {@code PRAGMA user_version} counts those that were taken.
 */
final class Schema {
  static final List<List<String>> MIGRATIONS =
      List.of(
          List.of(
              "CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL)",
              "CREATE TABLE experiment(id INTEGER PRIMARY KEY AUTOINCREMENT,"
                  + " uid TEXT NOT NULL UNIQUE, target TEXT NOT NULL, action TEXT NOT NULL,"
                  + " flag TEXT NOT NULL, status TEXT NOT NULL, unfinished INTEGER NOT NULL,"
                  + " print TEXT NOT NULL, body TEXT NOT NULL, boot TEXT, deadline INTEGER,"
                  + " closed INTEGER)",
              "CREATE INDEX experiment_unfinished ON experiment(id) WHERE unfinished = 1",
              "CREATE TABLE change(seq INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT NOT NULL,"
                  + " status TEXT NOT NULL, body TEXT NOT NULL)",
              "CREATE INDEX change_uid ON change(uid, seq)",
              "CREATE TABLE step(id INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT NOT NULL,"
                  + " number INTEGER NOT NULL, boot TEXT NOT NULL, kind TEXT NOT NULL,"
                  + " version INTEGER NOT NULL, body TEXT NOT NULL, shared TEXT,"
                  + " undone INTEGER NOT NULL DEFAULT 0, UNIQUE(uid, number))",
              "CREATE INDEX step_shared ON step(shared) WHERE shared IS NOT NULL",
              "CREATE TABLE shared(name TEXT PRIMARY KEY, kind TEXT NOT NULL,"
                  + " version INTEGER NOT NULL, body TEXT NOT NULL)",
              "CREATE TABLE claim(uid TEXT NOT NULL, name TEXT NOT NULL,"
                  + " exclusive INTEGER NOT NULL, title TEXT NOT NULL)",
              "CREATE INDEX claim_uid ON claim(uid)",
              "CREATE TABLE idempotency(name TEXT PRIMARY KEY, uid TEXT NOT NULL,"
                  + " print TEXT NOT NULL, made INTEGER NOT NULL)"),
          List.of("ALTER TABLE idempotency ADD COLUMN existing INTEGER NOT NULL DEFAULT 0"),
          List.of(
              "CREATE TABLE preparation(id INTEGER PRIMARY KEY AUTOINCREMENT,"
                  + " uid TEXT NOT NULL UNIQUE, type TEXT NOT NULL, status TEXT NOT NULL,"
                  + " print TEXT NOT NULL, body TEXT NOT NULL, updated INTEGER NOT NULL)",
              "CREATE INDEX preparation_status ON preparation(status, id)"),
          List.of(
              "CREATE TABLE audit(seq INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL,"
                  + " who TEXT NOT NULL, origin TEXT NOT NULL, what TEXT NOT NULL,"
                  + " uid TEXT NOT NULL, outcome TEXT NOT NULL, error TEXT NOT NULL)",
              "CREATE INDEX audit_uid ON audit(uid, seq)",
              "CREATE INDEX audit_time ON audit(time)"),
          List.of(
              "CREATE TABLE callback(seq INTEGER PRIMARY KEY, uid TEXT NOT NULL,"
                  + " address TEXT NOT NULL)",
              "CREATE INDEX callback_uid ON callback(uid, seq)"),
          // old keys and old records are looked for by these, of which there may be 100,000
          List.of(
              "CREATE INDEX idempotency_uid ON idempotency(uid)",
              "CREATE INDEX idempotency_made ON idempotency(made)",
              "CREATE INDEX experiment_closed ON experiment(closed) WHERE unfinished = 0"),
          // records are listed by these, each in the order of ids, with which every index ends
          List.of(
              "CREATE INDEX experiment_status ON experiment(status)",
              "CREATE TABLE label(name TEXT NOT NULL, value TEXT NOT NULL,"
                  + " experiment INTEGER NOT NULL, PRIMARY KEY(name, value, experiment))"
                  + " WITHOUT ROWID",
              "CREATE INDEX label_experiment ON label(experiment)",
              "INSERT INTO label SELECT had.key, had.value, experiment.id FROM experiment,"
                  + " json_each(iif(json_valid(body), body, '{}'), '$.labels') AS had"),
          // what several append to is known by its handle, too
          List.of(
              "UPDATE step SET shared = shared || ':' || coalesce(json_extract(body,"
                  + " '$.file.handle'), '') WHERE shared LIKE 'content:%' AND json_valid(body)",
              "UPDATE shared SET name = name || ':' || coalesce(json_extract(body,"
                  + " '$.file.handle'), '') WHERE name LIKE 'content:%' AND json_valid(body)"));

  private Schema() {}
}
