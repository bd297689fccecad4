package io.faultd.store;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.Experiment;
import io.faultd.fault.FaultException;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many that write at the same time. */
@Requires("root")
class GroupCommitTest {
  private static final int WRITERS = 12;

  @TempDir private Path home;
  private DataFolder folder;
  private SqliteStore store;

  @BeforeEach
  void open() throws IOException {
    folder = new DataFolder(home.resolve("data"));
    store = new SqliteStore(folder, true);
  }

  @AfterEach
  void close() {
    store.close();
    folder.close();
  }

  private Callable<Experiment> adding(String uid) {
    return () -> store.add(Sample.record(uid), "order", null);
  }

  /** Has all of these written while nobody can write; lets them when all wait. */
  private List<FutureTask<Experiment>> together(List<Callable<Experiment>> works) throws Exception {
    List<FutureTask<Experiment>> tasks = works.stream().map(FutureTask::new).toList();
    List<Thread> writers = new ArrayList<>();
    try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + folder.database());
        Statement statement = other.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      for (FutureTask<Experiment> task : tasks) {
        writers.add(Thread.ofPlatform().name("test-writer").start(task));
      }
      eventually("all but one wait", () -> waiting(writers) == writers.size() - 1);
      statement.execute("ROLLBACK");
    }
    for (Thread writer : writers) {
      writer.join();
    }
    return tasks;
  }

  private static long waiting(List<Thread> writers) {
    return writers.stream().filter(each -> each.getState() == Thread.State.WAITING).count();
  }

  /**
   * Transactions in the write-ahead log: the last frame of each says how large it leaves the file.
   */
  private int commits() throws IOException {
    ByteBuffer log = ByteBuffer.wrap(Files.readAllBytes(home.resolve("data/faultd.db-wal")));
    int page = log.getInt(8);
    int commits = 0;
    for (int frame = 32; frame + 24 + page <= log.limit(); frame += 24 + page) {
      boolean current = log.getLong(frame + 8) == log.getLong(16);
      commits += current && log.getInt(frame + 4) != 0 ? 1 : 0;
    }
    return commits;
  }

  @Test
  void thoseWhoWaitAreWrittenInOneTransaction() throws Exception {
    int before = commits();
    List<Callable<Experiment>> works = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      works.add(adding("uid-" + i));
    }
    List<Long> numbers = new ArrayList<>();
    for (FutureTask<Experiment> task : together(works)) {
      numbers.add(task.get().seq());
    }
    // the first one's, and one of the others, but for those who came to it late
    int made = commits() - before;
    assertTrue(made >= 2 && made <= WRITERS / 3, made + " transactions");
    assertEquals(WRITERS, numbers.stream().distinct().count());
    assertEquals(WRITERS, store.changes(null, 0, 100).size());
    assertEquals(WRITERS, store.audit().lines(null, Instant.EPOCH, 100).size());
  }

  @Test
  void oneThatFailsFailsAlone() throws Exception {
    store.add(Sample.record("taken"), "order", null);
    List<Callable<Experiment>> works = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      works.add(adding(i % 4 == 3 ? "taken" : "uid-" + i));
    }
    List<FutureTask<Experiment>> tasks = together(works);
    for (int i = 0; i < WRITERS; i++) {
      FutureTask<Experiment> task = tasks.get(i);
      if (i % 4 == 3) {
        assertInstanceOf(FaultException.class, failure(task));
      } else {
        Experiment added = task.get();
        assertEquals("uid-" + i, added.uid());
        assertEquals(
            added.uid(),
            store.changes(added.uid(), added.seq() - 1, 1).getFirst().experiment().uid());
        assertTrue(store.find(added.uid()).isPresent());
      }
    }
    assertEquals(
        1 + WRITERS * 3 / 4, store.audit().lines(null, Instant.EPOCH, 100).size(), "lines");
  }

  private static Throwable failure(FutureTask<Experiment> task) throws InterruptedException {
    try {
      return new AssertionError("was written: " + task.get());
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }

  @Test
  void whatWasAnsweredIsThereForWhoeverReadsTheFileNext() throws Exception {
    List<Callable<Experiment>> works = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      String uid = "uid-" + i;
      works.add(() -> {
        Experiment added = store.add(Sample.record(uid), "order", null);
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + folder.database());
            Statement statement = other.createStatement();
            var found =
                statement.executeQuery("SELECT 1 FROM experiment WHERE uid='" + uid + "'")) {
          assertTrue(found.next(), uid);
        }
        return added;
      });
    }
    for (FutureTask<Experiment> task : together(works)) {
      task.get();
    }
  }

  @Test
  void whatIsOnlyTriedOutStaysNowhereAndCostsNobodyHisWrite() throws Exception {
    List<Callable<Experiment>> works = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      works.add(i % 4 == 3 ? rehearsing("uid-" + i) : adding("uid-" + i));
    }
    for (FutureTask<Experiment> task : together(works)) {
      task.get();
    }
    for (int i = 0; i < WRITERS; i++) {
      assertEquals(i % 4 != 3, store.find("uid-" + i).isPresent(), "uid-" + i);
    }
    assertEquals(WRITERS * 3 / 4, store.lastChange());
    assertEquals(WRITERS * 3 / 4, store.audit().lines(null, Instant.EPOCH, 100).size());
  }

  private Callable<Experiment> rehearsing(String uid) {
    return () -> {
      store.rehearse(Sample.record(uid));
      return Sample.record(uid);
    };
  }
}
