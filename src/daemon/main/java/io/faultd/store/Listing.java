package io.faultd.store;

import io.faultd.experiment.Query;
import io.faultd.experiment.Status;
import io.helidon.dbclient.DbExecute;
import io.helidon.dbclient.DbRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which records a query finds. The statement says what is asked for and nothing else, so that
 * SQLite goes by the index of that, however many records there are.
 */
final class Listing {
  private final List<String> conditions = new ArrayList<>();
  private final Map<String, String> values = new LinkedHashMap<>();
  private final Query query;

  Listing(Query query) {
    this.query = query;
    where("uid = :uid", "uid", query.uid());
    where("target = :target", "target", query.target());
    Set<String> actions = query.actions();
    where(
        "action IN (SELECT value FROM json_each(:actions))",
        "actions",
        actions == null ? null : RecordJson.JSON.createArrayBuilder(actions).build().toString());
    Status status = query.status();
    where("status = :status", "status", status == null ? null : status.name());
    where("instr(flag, :flag) > 0", "flag", query.flag());
    where(
        "id %s (SELECT id FROM experiment WHERE uid = :after)"
            .formatted(query.ascending() ? ">" : "<"),
        "after",
        query.after());
    query.labels().forEach(this::label);
  }

  /** Their numbers, with the {@code size} of each body. */
  static List<DbRow> find(DbExecute db, Query query) {
    return new Listing(query).find(db);
  }

  private void where(String condition, String name, @Nullable String value) {
    if (value != null) {
      conditions.add(condition);
      values.put(name, value);
    }
  }

  private void label(String name, String value) {
    String number = Integer.toString(conditions.size());
    conditions.add(
        "id IN (SELECT experiment FROM label WHERE name = :name%s AND value = :value%s)"
            .formatted(number, number));
    values.put("name" + number, name);
    values.put("value" + number, value);
  }

  /** The statement. */
  String sql() {
    String where = conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
    return "SELECT id, octet_length(body) AS size FROM experiment%s ORDER BY id %s"
            .formatted(where, query.ascending() ? "ASC" : "DESC")
        + " LIMIT :limit OFFSET :offset";
  }

  private List<DbRow> find(DbExecute db) {
    var statement = db.createQuery(sql());
    values.forEach(statement::addParam);
    return statement
        .addParam("limit", query.limit())
        .addParam("offset", query.offset())
        .execute()
        .toList();
  }
}
