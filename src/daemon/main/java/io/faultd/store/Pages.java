package io.faultd.store;

import io.helidon.dbclient.DbRow;
import java.util.ArrayList;
import java.util.List;

/**
 * How many rows are read at once: so many that their bodies fit, and one at the least, however many
 * are asked for.
 */
final class Pages {
  /** Bytes of bodies on one page. */
  private static final long MOST = 128 * 1024;

  private Pages() {}

  /**
   * Numbers of the rows of each page.
   *
   * @param column of the number
   * @param rows with that number, and the {@code size} of the body
   */
  static List<List<Long>> of(String column, List<DbRow> rows) {
    List<List<Long>> pages = new ArrayList<>();
    List<Long> page = List.of();
    long left = 0;
    for (DbRow row : rows) {
      long size = Database.number(row, "size");
      if (page.isEmpty() || size > left) {
        page = new ArrayList<>();
        pages.add(page);
        left = MOST;
      }
      page.add(Database.number(row, column));
      left -= size;
    }
    return pages;
  }

  /** What the rows with these numbers say. */
  static List<DbRow> read(Database database, String statement, List<Long> numbers) {
    String wanted = numbers.toString(); // which is JSON
    return database.read(
        db -> db.createNamedQuery(statement).addParam("numbers", wanted).execute().toList());
  }
}
