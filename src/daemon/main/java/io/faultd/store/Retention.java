package io.faultd.store;

import io.helidon.dbclient.DbExecute;
import java.time.Instant;
import java.util.List;

/** Forgets what ended long ago: some at a time, so that nobody waits long for the writer. */
final class Retention {
  private static final int MOST = 200;
  private static final int MOST_LINES = 1_000;

  private Retention() {}

  /**
   * Deletes some records, and all that was kept for their sake; returns whether there may be more.
   */
  static boolean prune(Database database, Instant before) {
    long lines = database.write(tx -> SqliteAudit.prune(tx, before, MOST_LINES));
    int records = database.write(tx -> some(tx, before));
    return lines == MOST_LINES || records == MOST;
  }

  private static int some(DbExecute tx, Instant before) {
    List<String> uids =
        tx.createNamedQuery("experiment-old")
            .addParam("before", before.toEpochMilli())
            .addParam("most", MOST)
            .execute()
            .map(row -> Database.text(row, "uid"))
            .toList();
    if (!uids.isEmpty()) {
      String these = RecordJson.JSON.createArrayBuilder(uids).build().toString();
      for (String table : List.of("callback", "change", "step", "label", "experiment")) {
        tx.createNamedDelete(table + "-prune").addParam("uids", these).execute();
      }
    }
    return uids.size();
  }
}
