package io.faultd.store;

import io.faultd.preparation.Preparation;
import io.faultd.preparation.PreparationQuery;
import io.faultd.preparation.PreparationStatus;
import io.faultd.preparation.PreparationStore;
import io.helidon.dbclient.DbRow;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Preparations in the same SQLite file as experiments. */
final class SqlitePreparations implements PreparationStore {
  private static final Logger LOG = System.getLogger(SqlitePreparations.class.getName());

  private final Database database;

  SqlitePreparations(Database database) {
    this.database = database;
  }

  @Override
  public void add(Preparation record, String order) {
    database.write(tx -> {
      SqliteAudit.note(database, tx, record.audit());
      return tx.createNamedInsert("preparation-add")
          .addParam("uid", record.uid())
          .addParam("type", record.programType())
          .addParam("status", record.status().name())
          .addParam("print", order)
          .addParam("body", RecordJson.write(record))
          .addParam("updated", record.updated().toEpochMilli())
          .execute();
    });
  }

  @Override
  public void update(Preparation record) {
    database.writeUrgently(tx -> {
      SqliteAudit.note(database, tx, record.audit());
      return tx.createNamedUpdate("preparation-update")
          .addParam("status", record.status().name())
          .addParam("body", RecordJson.write(record))
          .addParam("updated", record.updated().toEpochMilli())
          .addParam("uid", record.uid())
          .execute();
    });
  }

  @Override
  public Optional<Kept> find(String uid) {
    return database.read(db ->
        db.createNamedGet("preparation-find")
            .addParam("uid", uid)
            .execute()
            .flatMap(
                row -> record(row).map(record -> new Kept(record, Database.text(row, "print")))));
  }

  @Override
  public List<Preparation> list(PreparationQuery query) {
    List<DbRow> rows = rows(query);
    List<Preparation> found = new ArrayList<>();
    rows.forEach(row -> record(row).ifPresent(found::add));
    if (found.size() < rows.size() && rows.size() == query.limit()) {
      String last = Database.text(rows.getLast(), "uid");
      found.addAll(list(query.behind(last, query.limit() - found.size())));
    }
    return List.copyOf(found);
  }

  private List<DbRow> rows(PreparationQuery query) {
    PreparationStatus status = query.status();
    String name = status == null ? "" : status.name();
    return database.read(db ->
        db.createNamedQuery("preparation-list-" + (query.ascending() ? "ascending" : "descending"))
            .addParam("type1", Objects.requireNonNullElse(query.type(), ""))
            .addParam("type2", Objects.requireNonNullElse(query.type(), ""))
            .addParam("status1", name)
            .addParam("status2", name)
            .addParam("after1", Objects.requireNonNullElse(query.after(), ""))
            .addParam("after2", Objects.requireNonNullElse(query.after(), ""))
            .addParam("limit", query.limit())
            .addParam("offset", query.offset())
            .execute()
            .toList());
  }

  @Override
  public void prune(Instant before) {
    database.write(tx ->
        tx.createNamedDelete("preparation-prune")
            .addParam("before", before.toEpochMilli())
            .execute());
  }

  /** One that cannot be read stays as it is, and hinders no other. */
  private static Optional<Preparation> record(DbRow row) {
    try {
      return Optional.of(RecordJson.read(Preparation.class, Database.text(row, "body")));
    } catch (IllegalArgumentException e) {
      LOG.log(Level.WARNING, "a preparation cannot be read: {0}", e.getMessage());
      return Optional.empty();
    }
  }
}
