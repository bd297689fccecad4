package io.faultd.bench;

import io.faultd.experiment.Store;
import io.faultd.fault.Claim;
import io.faultd.fault.Undo;
import io.faultd.linux.file.FileIdentity;
import io.faultd.store.DataFolder;
import io.faultd.store.SqliteStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to announce one step, beside the two things it is made of: the same rows through
 * bare JDBC, and one page written and synced.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(
    value = 1,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xmx96m"})
@SuppressWarnings("NullAway.Init") // JMH calls the method of Setup first
public class JournalBenchmark {
  private static final FileIdentity FILE =
      new FileIdentity(
          0xfe00, 1_234_567, "1:0011223344556677", "/dev/vda", "/", "/srv/data/some.conf");
  private static final Undo STEP = new Undo.FileMode(FILE, 0644, 0);
  private static final String STEP_BODY =
      "{\"file\":{\"device\":65024,\"inode\":1234567,\"handle\":\"1:0011223344556677\","
          + "\"mountSource\":\"/dev/vda\",\"mountRoot\":\"/\",\"path\":\"/srv/data/some.conf\"},"
          + "\"before\":420,\"after\":0}";

  private Path place = Path.of("");
  private DataFolder folder;
  private SqliteStore store;
  private Connection bare;
  private FileChannel file;
  private final ByteBuffer page = ByteBuffer.allocateDirect(4096);
  private int count;

  /** Opens a store, a database with the same tables, and a file. */
  @Setup
  public void open() throws IOException, SQLException {
    place = Places.make("journal");
    folder = new DataFolder(place.resolve("store"));
    store = new SqliteStore(folder, true);
    bare =
        DriverManager.getConnection(
            "jdbc:sqlite:"
                + place.resolve("bare.db")
                + "?journal_mode=WAL&synchronous=FULL&transaction_mode=IMMEDIATE");
    try (Statement statement = bare.createStatement()) {
      statement.execute(
          "CREATE TABLE step(id INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT NOT NULL,"
              + " number INTEGER NOT NULL, boot TEXT NOT NULL, kind TEXT NOT NULL,"
              + " version INTEGER NOT NULL, body TEXT NOT NULL, shared TEXT,"
              + " undone INTEGER NOT NULL DEFAULT 0, UNIQUE(uid, number))");
      statement.execute(
          "CREATE TABLE claim(uid TEXT NOT NULL, name TEXT NOT NULL,"
              + " exclusive INTEGER NOT NULL, title TEXT NOT NULL)");
      statement.execute("CREATE INDEX claim_uid ON claim(uid)");
    }
    bare.setAutoCommit(false);
    file =
        FileChannel.open(
            place.resolve("page"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  /** Closes and deletes them. */
  @TearDown
  public void close() throws IOException, SQLException {
    file.close();
    bare.close();
    store.close();
    folder.close();
    Places.delete(place);
  }

  /** One step and its claim, as a fault announces them. */
  @Benchmark
  public List<Integer> announce() {
    return store.announce(
        new Store.Announcement(
            "bench-" + count++,
            "boot",
            List.of(STEP),
            List.of(Claim.mode(FILE)),
            List.of(),
            Map.of()));
  }

  /** The same two rows without the library above JDBC. */
  @Benchmark
  public void bareJdbc() throws SQLException {
    String uid = "bench-" + count++;
    try (PreparedStatement claim =
            bare.prepareStatement(
                "INSERT INTO claim(uid, name, exclusive, title) VALUES(?, ?, 1, ?)");
        PreparedStatement step =
            bare.prepareStatement(
                "INSERT INTO step(uid, number, boot, kind, version, body)"
                    + " VALUES(?, 1, 'boot', 'file.mode', 1, ?)")) {
      claim.setString(1, uid);
      claim.setString(2, "mode:" + FILE.key());
      claim.setString(3, FILE.path());
      claim.executeUpdate();
      step.setString(1, uid);
      step.setString(2, STEP_BODY);
      step.executeUpdate();
      bare.commit();
    }
  }

  /** One page at the end of a file, and fdatasync(2): what the disk takes in any case. */
  @Benchmark
  public void pageAndSync() throws IOException {
    page.clear();
    file.write(page);
    file.force(false);
  }
}
