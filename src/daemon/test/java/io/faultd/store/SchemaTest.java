package io.faultd.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.faultd.experiment.Store;
import io.faultd.fault.Base;
import io.faultd.fault.Undo;
import io.faultd.linux.file.FileIdentity;
import io.faultd.testing.Requires;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Databases of earlier programs. */
@Requires("root")
class SchemaTest {
  private static final FileIdentity FILE = new FileIdentity(1, 2, "1:ab", "/dev/x", "/", "/f");

  @TempDir private Path home;

  private static void insert(Connection database, String sql, String... values)
      throws SQLException {
    try (PreparedStatement insert = database.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        insert.setString(i + 1, values[i]);
      }
      insert.executeUpdate();
    }
  }

  @Test
  void whoAppendedToAFileIsFoundThoughItIsKnownByItsHandleNow() throws Exception {
    Undo.BytesAppended step = new Undo.BytesAppended(FILE, "eA==", 4, 4L, 5L);
    Base.AppendedFile base = new Base.AppendedFile(FILE, 4, 5);
    Path data = Files.createDirectory(home.resolve("data"));
    try (Connection database =
            DriverManager.getConnection("jdbc:sqlite:" + data.resolve("faultd.db"));
        Statement statement = database.createStatement()) {
      for (List<String> migration : Schema.MIGRATIONS.subList(0, 7)) {
        for (String sql : migration) {
          statement.execute(sql);
        }
      }
      statement.execute("PRAGMA user_version = 7");
      insert(
          database,
          "INSERT INTO step(uid, number, boot, kind, version, body, shared)"
              + " VALUES('u', 1, 'b', 'file.appended-bytes', 1, ?, 'content:1:2')",
          WireForm.of(step).body());
      insert(
          database,
          "INSERT INTO shared(name, kind, version, body)"
              + " VALUES('content:1:2', 'file.appended', 1, ?)",
          WireForm.of(base).body());
    }
    try (DataFolder folder = new DataFolder(data);
        SqliteStore store = new SqliteStore(folder, true)) {
      String key = step.joins().orElseThrow();
      assertEquals(Optional.of(base), store.base(key));
      assertEquals(
          List.of(step),
          store.members(key).stream().map(Store.Member::member).map(each -> each.step()).toList());
    }
  }
}
