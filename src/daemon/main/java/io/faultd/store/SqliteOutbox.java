package io.faultd.store;

import io.faultd.experiment.Experiment;
import io.faultd.experiment.Outbox;
import io.faultd.experiment.Status;
import io.helidon.dbclient.DbExecute;
import java.util.List;
import java.util.Optional;

/** The outbox in the same SQLite file. */
final class SqliteOutbox implements Outbox {
  private final Database database;

  SqliteOutbox(Database database) {
    this.database = database;
  }

  /** Adds news if somebody wants them and the record, whose change is written, has a new status. */
  static void note(DbExecute tx, Experiment record) {
    Optional<String> address = record.endpoint();
    if (address.isPresent() && record.status() != Status.CREATED) {
      tx.createNamedInsert("callback-add")
          .addParam("seq1", record.seq())
          .addParam("uid1", record.uid())
          .addParam("address", address.get())
          .addParam("uid2", record.uid())
          .addParam("seq2", record.seq())
          .addParam("status", record.status().name())
          .execute();
    }
  }

  @Override
  public List<String> uids(String after, int most) {
    return database.read(db ->
        db.createNamedQuery("callback-uids")
            .addParam("after", after)
            .addParam("most", most)
            .execute()
            .map(row -> Database.text(row, "uid"))
            .toList());
  }

  @Override
  public Optional<News> first(String uid) {
    return database.read(db ->
        db.createNamedGet("callback-first")
            .addParam("uid", uid)
            .execute()
            .map(row -> new News(Database.number(row, "seq"), uid, Database.text(row, "address"))));
  }

  @Override
  public void remove(News news) {
    database.write(
        tx -> tx.createNamedDelete("callback-remove").addParam("seq", news.seq()).execute());
  }
}
