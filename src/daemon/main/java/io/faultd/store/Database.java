package io.faultd.store;

import io.faultd.experiment.AuditLine;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import io.helidon.dbclient.DbClient;
import io.helidon.dbclient.DbClientException;
import io.helidon.dbclient.DbExecute;
import io.helidon.dbclient.DbRow;
import io.helidon.dbclient.DbTransaction;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The SQLite file: opened, migrated, and written by one thread at a time. Thread-safe. */
final class Database implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Database.class.getName());

  private static final String OPTIONS =
      "?journal_mode=WAL&synchronous=FULL&busy_timeout=2000&transaction_mode=IMMEDIATE"
          // else the driver asks for the number of the last row after each statement
          + "&jdbc.get_generated_keys=false";

  private static final Duration CLOSE_WAIT = Duration.ofMillis(500);

  private final DataFolder folder;
  private volatile DbClient client;
  private final GroupCommit commits = new GroupCommit(this::commit);

  /** What the present write adds to the audit; of whoever writes. */
  private List<AuditLine> noted = new ArrayList<>();

  private final String inode;

  private volatile Consumer<Duration> times = time -> {};

  /** How often it could not be read or written. */
  private final AtomicLong errors = new AtomicLong();

  /**
   * Opens the database of a folder.
   *
   * @throws IOException if it is corrupt, read-only or newer than this program; says which
   */
  Database(DataFolder folder) throws IOException {
    this.folder = folder;
    SqliteLibrary.load(folder.libraries());
    DbClient opened = null;
    try {
      opened = connect();
      this.client = opened;
      check();
      migrate();
    } catch (RuntimeException | IOException e) {
      if (opened != null) {
        opened.close();
      }
      throw new IOException("cannot open " + folder.database() + ": " + cause(e), e);
    }
    this.inode = DataFolder.inode(folder.database());
  }

  private DbClient connect() {
    return DbClient.create(
        Config.just(
            ConfigSources.create(
                Map.of(
                    "source",
                    "jdbc",
                    "connection.url",
                    "jdbc:sqlite:" + folder.database() + OPTIONS,
                    "connection.maximumPoolSize",
                    "4",
                    "connection.minimumIdle",
                    "1")),
            ConfigSources.classpath("statements.yaml").build()));
  }

  /**
   * A begin that failed, or a transaction that SQLite itself has rolled back, leaves a connection
   * that believes itself within a transaction for ever: none of them is used again.
   */
  private void reconnect() {
    try {
      verify();
      DbClient old = client;
      client = connect();
      old.close();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.DEBUG, "no other connection was made", e);
    }
  }

  private void check() throws IOException {
    String found =
        client
            .execute()
            .createGet("PRAGMA quick_check(1)")
            .execute()
            .map(row -> row.column(1).get(String.class))
            .orElse("no answer");
    if (!found.equals("ok")) {
      throw new IOException("it is corrupt: " + found);
    }
  }

  private void migrate() throws IOException {
    int version =
        client
            .execute()
            .createGet("PRAGMA user_version")
            .execute()
            .map(row -> row.column(1).get(Number.class).intValue())
            .orElse(0);
    int known = Schema.MIGRATIONS.size();
    if (version > known) {
      throw new IOException(
          "it was written by a newer faultd (schema %d, this one knows %d)"
              .formatted(version, known));
    }
    for (int i = version; i < known; i++) {
      List<String> migration = Schema.MIGRATIONS.get(i);
      int next = i + 1;
      commits.write(tx -> {
        migration.forEach(sql -> tx.createDmlStatement(sql).execute());
        return tx.createDmlStatement("PRAGMA user_version = " + next).execute();
      });
    }
    // shows at once, and not with the first experiment, that nothing can be written
    commits.write(tx -> tx.createDmlStatement("PRAGMA user_version = " + known).execute());
  }

  /**
   * Writes, all or nothing.
   *
   * @throws FaultException STORE_UNAVAILABLE
   */
  <T> T write(Function<DbExecute, T> work) {
    verify();
    try {
      return timed(work);
    } catch (DbClientException e) {
      throw unavailable(e);
    }
  }

  /** Writes what takes things back: if the disk is full, the reserve is given up for it. */
  <T> T writeUrgently(Function<DbExecute, T> work) {
    verify();
    try {
      return timed(work);
    } catch (DbClientException e) {
      if (!folder.room()) {
        throw unavailable(e);
      }
    }
    return write(work);
  }

  /** Tells this how long each write took, with its wait for others and for the disk. */
  void timesTo(Consumer<Duration> told) {
    times = told;
  }

  private <T> T timed(Function<DbExecute, T> work) {
    long begin = System.nanoTime();
    T result = commits.write(work);
    times.accept(Duration.ofNanos(System.nanoTime() - begin));
    return result;
  }

  /** Does what a write does, and takes it back: nothing of it stays. */
  <T> T tryOut(Function<DbExecute, T> work) {
    verify();
    try {
      return commits.tryOut(work);
    } catch (DbClientException e) {
      throw unavailable(e);
    }
  }

  /**
   * Reads.
   *
   * @throws FaultException STORE_UNAVAILABLE
   */
  <T> T read(Function<DbExecute, T> work) {
    try {
      return work.apply(client.execute());
    } catch (DbClientException e) {
      throw unavailable(e);
    }
  }

  /**
   * SQLite goes on writing into a file that was deleted or replaced; then no order is taken.
   *
   * @throws FaultException STORE_UNAVAILABLE
   */
  private void verify() {
    if (!DataFolder.inode(folder.database()).equals(inode)) {
      errors.incrementAndGet();
      throw new FaultException(
          Reason.STORE_UNAVAILABLE,
          "the database " + folder.database() + " was replaced; restart faultd");
    }
  }

  /** How often it could not be read or written, until now. */
  long errors() {
    return errors.get();
  }

  /** A line of the audit that is part of the present write: the log gets it afterwards. */
  void noted(AuditLine line) {
    noted.add(line);
  }

  private void commit(List<GroupCommit.Write<?>> writes) {
    DbTransaction tx = client.transaction();
    boolean over = false;
    boolean refused = false;
    try {
      for (GroupCommit.Write<?> write : writes) {
        noted = write.begin();
        write.make(tx);
      }
      if (writes.getFirst().trial()) {
        tx.rollback();
      } else {
        tx.commit();
      }
      over = true;
    } catch (FaultException e) {
      refused = true;
      throw e;
    } finally {
      if (!over) { // after an Error, too: the next write would be within it
        back(tx, refused);
      }
    }
  }

  /** A refusal of ours says nothing of SQLite. */
  private void back(DbTransaction tx, boolean refused) {
    boolean back = false;
    try {
      tx.rollback();
      back = true;
    } catch (DbClientException | IllegalStateException e) {
      // the latter: commit itself failed (a full disk), and has given up the connection
      LOG.log(System.Logger.Level.DEBUG, "a rollback failed", e);
    } finally {
      if (!back || !refused) {
        reconnect();
      }
    }
  }

  static long number(DbRow row, String column) {
    return row.column(column).get(Number.class).longValue();
  }

  static String text(DbRow row, String column) {
    return row.column(column).get(String.class);
  }

  private FaultException unavailable(DbClientException e) {
    errors.incrementAndGet();
    // the driver's own words are about the rollback that SQLite had done already
    String why = folder.full() ? "its disk is full" : cause(e);
    return new FaultException(Reason.STORE_UNAVAILABLE, "the data folder: " + why);
  }

  private static String cause(Throwable e) {
    Throwable last = e;
    for (@Nullable Throwable each = e; each != null; each = each.getCause()) {
      last = each;
    }
    return String.valueOf(last.getMessage());
  }

  /** Closes; what is being written is let finish first, else its lock would outlive us. */
  @Override
  public void close() {
    commits.last(CLOSE_WAIT, client::close);
  }
}
