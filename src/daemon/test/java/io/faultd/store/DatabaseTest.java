package io.faultd.store;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.testing.Requires;
import io.helidon.dbclient.DbExecute;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Writes that break off by what no code can foresee. */
@Requires("root")
@Timeout(60)
class DatabaseTest {
  private static final List<Error> ERRORS =
      List.of(new OutOfMemoryError("none"), new StackOverflowError(), new AssertionError("no"));

  @TempDir private Path home;
  private DataFolder folder;
  private Database database;

  @BeforeEach
  void open() throws IOException {
    folder = new DataFolder(home.resolve("data"));
    database = new Database(folder);
    database.write(tx -> tx.createDmlStatement("CREATE TABLE kept (name TEXT)").execute());
  }

  @AfterEach
  void close() {
    database.close();
    folder.close();
  }

  private static long insert(DbExecute tx, String name) {
    return tx.createDmlStatement("INSERT INTO kept VALUES (?)").addParam(name).execute();
  }

  private List<String> kept() {
    return database.read(db ->
        db.createQuery("SELECT name FROM kept ORDER BY name")
            .execute()
            .map(row -> Database.text(row, "name"))
            .toList());
  }

  @Test
  void anErrorWithinAWriteTakesItBackAndTheNextOneIsMade() {
    for (Error error : ERRORS) {
      Error thrown =
          assertThrows(
              Error.class,
              () ->
                  database.write(tx -> {
                    insert(tx, "half");
                    throw error;
                  }));
      assertSame(error, thrown);
      database.write(tx -> insert(tx, "next"));
    }
    assertEquals(List.of("next", "next", "next"), kept());
  }

  @Test
  void tellsHowLongEachWriteTook() {
    List<Duration> times = new ArrayList<>();
    database.timesTo(times::add);
    database.write(tx -> insert(tx, "a"));
    database.writeUrgently(tx -> insert(tx, "b"));
    database.tryOut(tx -> insert(tx, "c"));
    assertEquals(2, times.size());
    assertTrue(times.stream().allMatch(Duration::isPositive));
  }

  @Test
  void whoWritesTogetherWithOneThatBreaksOffIsWrittenAllTheSame() throws Exception {
    CountDownLatch leads = new CountDownLatch(1);
    CountDownLatch all = new CountDownLatch(1);
    List<FutureTask<Long>> tasks = new ArrayList<>();
    List<Thread> writers = new ArrayList<>();
    FutureTask<Long> first =
        new FutureTask<>(() ->
            database.write(tx -> {
              leads.countDown();
              awaited(all);
              return insert(tx, "first");
            }));
    writers.add(Thread.ofPlatform().start(first));
    leads.await();
    for (String name : List.of("a", "broken", "b")) {
      FutureTask<Long> task =
          new FutureTask<>(() ->
              database.write(tx -> {
                long rows = insert(tx, name);
                if (name.equals("broken")) {
                  throw new OutOfMemoryError("none");
                }
                return rows;
              }));
      tasks.add(task);
      Thread writer = Thread.ofPlatform().start(task);
      writers.add(writer);
      eventually("it waits its turn", () -> writer.getState() == Thread.State.WAITING);
    }
    all.countDown();
    for (Thread writer : writers) {
      writer.join();
    }
    first.get();
    tasks.get(0).get();
    assertEquals(
        OutOfMemoryError.class,
        assertThrows(ExecutionException.class, () -> tasks.get(1).get()).getCause().getClass());
    tasks.get(2).get();
    assertEquals(List.of("a", "b", "first"), kept());
  }

  /** Whoever reads meanwhile would be cut off if all connections were made anew. */
  @Test
  void aRefusalWithinAWriteTakesItBackAndDisturbsNobodyWhoReads() {
    FaultException refusal = new FaultException(Reason.LIMIT, "enough");
    List<Long> counts =
        database.read(db -> {
          long before = count(db);
          FaultException refused =
              assertThrows(
                  FaultException.class,
                  () ->
                      database.write(tx -> {
                        insert(tx, "half");
                        throw refusal;
                      }));
          assertSame(refusal, refused);
          database.write(tx -> insert(tx, "next"));
          return List.of(before, count(db));
        });
    assertEquals(List.of(0L, 1L), counts);
    assertEquals(List.of("next"), kept());
  }

  private static long count(DbExecute db) {
    return db.createGet("SELECT COUNT(*) AS n FROM kept")
        .execute()
        .map(row -> Database.number(row, "n"))
        .orElseThrow();
  }

  private static void awaited(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
