package io.faultd.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.Experiment;
import io.faultd.experiment.Query;
import io.faultd.experiment.Status;
import io.faultd.testing.Requires;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lists of records, and how they are found among many. */
@Requires("root")
class ListingTest {
  private static final Map<String, String> RED = Map.of("team", "red", "a:b\"c", "d'e \u00e4");

  @TempDir private Path home;

  private interface Work {
    void on(SqliteStore store) throws Exception;
  }

  private void stored(Work work) throws Exception {
    try (DataFolder folder = new DataFolder(home.resolve("data"));
        SqliteStore store = new SqliteStore(folder, true)) {
      work.on(store);
    }
  }

  private static Query query(
      @Nullable String uid, @Nullable Status status, Map<String, String> labels) {
    return new Query(uid, null, null, null, status, labels, 0, 100, false);
  }

  private static List<String> uids(SqliteStore store, Query query) {
    try (Stream<Experiment> found = store.list(query)) {
      return found.map(Experiment::uid).toList();
    }
  }

  private static void fill(SqliteStore store) {
    store.add(Sample.record("a", Status.CREATED, RED), "order", null);
    store.add(Sample.record("b", Status.CREATED, Map.of("team", "red")), "order", null);
    store.add(Sample.record("c", Status.CREATED, Map.of()), "order", null);
    store.update(Sample.record("c", Status.ERROR, Map.of()));
  }

  @Test
  void findsByStatusAndAllLabels() throws Exception {
    stored(store -> {
      fill(store);
      assertEquals(List.of("c", "b", "a"), uids(store, query(null, null, Map.of())));
      assertEquals(List.of("b", "a"), uids(store, query(null, null, Map.of("team", "red"))));
      assertEquals(List.of("a"), uids(store, query(null, null, RED)));
      assertEquals(List.of(), uids(store, query(null, null, Map.of("team", "re"))));
      assertEquals(List.of("c"), uids(store, query(null, Status.ERROR, Map.of())));
      assertEquals(List.of(), uids(store, query(null, Status.ERROR, RED)));
      assertEquals(List.of("a"), uids(store, query("a", Status.CREATED, RED)));
    });
  }

  @Test
  void findsWhatHasOneOfSeveralActions() throws Exception {
    stored(store -> {
      fill(store);
      for (Set<String> actions : List.of(Set.of("stop"), Set.of("stop", "it's \"x"))) {
        Query query = new Query(null, null, actions, null, null, Map.of(), 0, 9, true);
        assertEquals(List.of("a", "b", "c"), uids(store, query));
      }
      Query other = new Query(null, null, Set.of("x"), null, null, Map.of(), 0, 9, true);
      assertEquals(List.of(), uids(store, other));
    });
  }

  @Test
  void goesOnBehindARecordThatHasAnotherStatusByNow() throws Exception {
    stored(store -> {
      fill(store);
      store.update(Sample.record("b", Status.ERROR, Map.of("team", "red")));
      Query all = query(null, Status.CREATED, Map.of());
      assertEquals(List.of("a"), uids(store, all.behind("b", 100)));
      assertEquals(List.of(), uids(store, all.behind("a", 100)));
      Query ascending = new Query(null, null, null, null, null, Map.of(), "a", 0, 1, true);
      assertEquals(List.of("b"), uids(store, ascending));
    });
  }

  @Test
  void othersStandInForThoseThatLeftTheStatusWhileTheyWereRead() throws Exception {
    stored(store -> {
      fill(store);
      try (Stream<Experiment> found =
          store.list(new Query(null, null, null, null, Status.CREATED, Map.of(), 0, 1, false))) {
        store.update(Sample.record("b", Status.ERROR, Map.of("team", "red")));
        assertEquals(List.of("a"), found.map(Experiment::uid).toList());
      }
    });
  }

  @Test
  void labelsOfRecordsBeforeTheyHadATableAreFound() throws Exception {
    stored(ListingTest::fill);
    changed("DROP TABLE label", "DROP INDEX experiment_status", "PRAGMA user_version = 6");
    stored(store -> assertEquals(List.of("a"), uids(store, query(null, null, RED))));
  }

  @Test
  void labelsGoWithTheirRecord() throws Exception {
    stored(store -> {
      fill(store);
      store.close(Sample.record("a", Status.DESTROYED, RED), List.of());
      store.prune(Instant.now().plusSeconds(60));
    });
    try (Connection connection = connection();
        Statement statement = connection.createStatement();
        var rows = statement.executeQuery("SELECT count(*) FROM label")) {
      assertEquals(1, rows.getInt(1));
    }
  }

  @Test
  void noneOfTheseReadsAllRecords() throws Exception {
    stored(store -> {});
    assertTrue(plan(query("a", null, Map.of())).contains("(uid=?)"));
    assertTrue(plan(query(null, Status.ERROR, Map.of())).contains("experiment_status (status=?)"));
    assertTrue(plan(query(null, null, RED)).contains("SEARCH label USING PRIMARY KEY"));
  }

  private Connection connection() throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + home.resolve("data/faultd.db"));
  }

  private void changed(String... statements) throws SQLException {
    try (Connection connection = connection();
        Statement statement = connection.createStatement()) {
      for (String each : statements) {
        statement.execute(each);
      }
    }
  }

  /** How SQLite goes about it. */
  private String plan(Query query) throws SQLException {
    StringBuilder plan = new StringBuilder();
    try (Connection connection = connection();
        Statement statement = connection.createStatement();
        var rows = statement.executeQuery("EXPLAIN QUERY PLAN " + new Listing(query).sql())) {
      while (rows.next()) {
        plan.append(rows.getString("detail")).append('\n');
      }
    }
    assertTrue(!plan.toString().contains("SCAN experiment"), plan::toString);
    return plan.toString();
  }
}
