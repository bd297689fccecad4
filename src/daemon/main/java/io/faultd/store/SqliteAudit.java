package io.faultd.store;

import io.faultd.experiment.Actor;
import io.faultd.experiment.Audit;
import io.faultd.experiment.AuditLine;
import io.helidon.dbclient.DbExecute;
import io.helidon.dbclient.DbRow;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The audit in the same SQLite file: a line is written in the transaction of the change that it
 * tells of.
 */
final class SqliteAudit implements Audit {
  private final Database database;

  SqliteAudit(Database database) {
    this.database = database;
  }

  /**
   * Adds a line if the record has come to another status; the log has it when it is written.
   *
   * @param tx of that database
   */
  static void note(Database database, DbExecute tx, AuditLine line) {
    long added =
        tx.createNamedInsert("audit-add")
            .addParam("time", line.time().toEpochMilli())
            .addParam("who", line.actor().name())
            .addParam("origin", line.actor().from())
            .addParam("what", line.what())
            .addParam("uid1", line.uid())
            .addParam("outcome1", line.outcome())
            .addParam("error", line.error())
            .addParam("uid2", line.uid())
            .addParam("outcome2", line.outcome())
            .addParam("uid3", line.uid())
            .addParam("what2", line.what())
            .execute();
    if (added > 0) {
      database.noted(line);
    }
  }

  /** Adds a line that belongs to no record. */
  static void add(Database database, AuditLine line) {
    database.write(tx -> {
      tx.createNamedInsert("audit-note")
          .addParam("time", line.time().toEpochMilli())
          .addParam("who", line.actor().name())
          .addParam("origin", line.actor().from())
          .addParam("what", line.what())
          .addParam("uid", line.uid())
          .addParam("outcome", line.outcome())
          .addParam("error", line.error())
          .execute();
      database.noted(line);
      return true;
    });
  }

  /** Forgets some of the lines that are older; returns how many. */
  static long prune(DbExecute tx, Instant before, int most) {
    return tx.createNamedDelete("audit-prune")
        .addParam("before", before.toEpochMilli())
        .addParam("most", most)
        .execute();
  }

  @Override
  public List<AuditLine> lines(@Nullable String uid, Instant since, long before, int limit) {
    return database.read(db -> {
      var query = db.createNamedQuery(uid == null ? "audit-all" : "audit-of");
      if (uid != null) {
        query.addParam("uid", uid);
      }
      return query
          .addParam("since", since.toEpochMilli())
          .addParam("before", before)
          .addParam("limit", limit)
          .execute()
          .map(SqliteAudit::line)
          .toList();
    });
  }

  private static AuditLine line(DbRow row) {
    return new AuditLine(
        Database.number(row, "seq"),
        Instant.ofEpochMilli(Database.number(row, "time")),
        new Actor(Database.text(row, "who"), Database.text(row, "origin")),
        Database.text(row, "what"),
        Database.text(row, "uid"),
        Database.text(row, "outcome"),
        Database.text(row, "error"));
  }
}
