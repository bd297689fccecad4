package io.faultd.targets;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** A client of a database. */
final class Sql {
  private static Connection connection;

  private Sql() {}

  static String connect(String url) throws SQLException {
    connection = DriverManager.getConnection(url);
    return "done=";
  }

  /** Runs a statement; prepared, if {@code ?} stands in it for the number 1; or as a batch of two. */
  static String run(String sql) {
    long start = System.nanoTime();
    String last;
    try {
      last = sql.startsWith("batch ") ? batch(sql.substring(6)) : one(sql);
    } catch (SQLException | RuntimeException e) {
      last = e.toString();
    }
    return "last=" + last + "\tmillis=" + (System.nanoTime() - start) / 1_000_000;
  }

  private static String one(String sql) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      if (sql.contains("?")) {
        statement.setInt(1, 1);
      }
      if (!statement.execute()) {
        return statement.getUpdateCount() + " changed";
      }
      try (ResultSet rows = statement.getResultSet()) {
        return rows.next() ? rows.getString(1) : "nothing";
      }
    }
  }

  private static String batch(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.addBatch(sql);
      statement.addBatch(sql);
      return statement.executeBatch().length + " done";
    }
  }
}
