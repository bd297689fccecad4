package io.faultd.store;

import io.faultd.experiment.Audit;
import io.faultd.experiment.AuditLine;
import io.faultd.experiment.Change;
import io.faultd.experiment.Deadline;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Outbox;
import io.faultd.experiment.Query;
import io.faultd.experiment.Status;
import io.faultd.experiment.Store;
import io.faultd.experiment.StoredStep;
import io.faultd.experiment.Unfinished;
import io.faultd.fault.Base;
import io.faultd.fault.Claim;
import io.faultd.fault.Undo;
import io.faultd.preparation.PreparationStore;
import io.helidon.dbclient.DbExecute;
import io.helidon.dbclient.DbRow;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** The store in SQLite. Statements are named in {@code statements.yaml}. */
public final class SqliteStore implements Store {
  private final DataFolder folder;
  private final Database database;
  private final String instance;
  private final boolean lasting;

  /**
   * Opens the store of a folder.
   *
   * @param lasting whether the folder is to be taken for lasting, whatever it is on
   * @throws IOException if it cannot be read and written; says why
   */
  public SqliteStore(DataFolder folder, boolean lasting) throws IOException {
    this.folder = folder;
    this.lasting = lasting;
    this.database = new Database(folder);
    this.instance =
        database.write(tx -> meta(tx, "instance", "%08x".formatted(new SecureRandom().nextInt())));
  }

  private static String meta(DbExecute tx, String name, String initial) {
    Optional<String> found =
        tx.createNamedGet("meta-get")
            .addParam("name", name)
            .execute()
            .map(row -> Database.text(row, "value"));
    if (found.isEmpty()) {
      tx.createNamedInsert("meta-put").addParam("name", name).addParam("value", initial).execute();
    }
    return found.orElse(initial);
  }

  @Override
  public String instance() {
    return instance;
  }

  /** How often the database could not be read or written, until now. */
  public long errors() {
    return database.errors();
  }

  /** Tells this how long each write of the journal took, with its wait for the disk. */
  public void timesTo(Consumer<Duration> told) {
    database.timesTo(told);
  }

  /** Preparations in the same file; closed with this. */
  public PreparationStore preparations() {
    return new SqlitePreparations(database);
  }

  /** Who did what; closed with this. */
  public Audit audit() {
    return new SqliteAudit(database);
  }

  /** What clients are to be told; closed with this. */
  public Outbox outbox() {
    return new SqliteOutbox(database);
  }

  @Override
  public Optional<String> ephemeral() {
    return lasting ? Optional.empty() : folder.ephemeral();
  }

  @Override
  public Experiment add(Experiment record, String order, @Nullable String key) {
    return database.write(tx -> added(tx, record, order, key));
  }

  private Experiment added(DbExecute tx, Experiment record, String order, @Nullable String key) {
    Numbered change = change(tx, record);
    tx.createNamedInsert("experiment-add")
        .addParam("uid", record.uid())
        .addParam("target", record.target())
        .addParam("action", record.action())
        .addParam("flag", record.flag())
        .addParam("status", record.status().name())
        .addParam("print", order)
        .addParam("body", change.body())
        .execute();
    record
        .labels()
        .forEach((name, value) ->
            tx.createNamedInsert("label-add")
                .addParam("name", name)
                .addParam("value", value)
                .addParam("uid", record.uid())
                .execute());
    if (key != null) {
      Keys.add(tx, key, record.created(), new Remembered(record.uid(), order, false, null));
    }
    return change.record();
  }

  @Override
  public void remember(String key, String uid, String order, Instant now) {
    database.write(tx -> Keys.addFurther(tx, key, now, new Remembered(uid, order, true, null)));
  }

  @Override
  public Experiment update(Experiment record) {
    return record.status() == Status.SUCCESS
        ? database.write(tx -> written(tx, record))
        : database.writeUrgently(tx -> written(tx, record));
  }

  @Override
  public Experiment succeed(Experiment record, List<StoredStep> made, @Nullable Deadline deadline) {
    return database.write(tx -> {
      made.forEach(step -> Steps.made(tx, step));
      if (deadline != null) {
        tx.createNamedUpdate("experiment-deadline")
            .addParam("boot", deadline.bootId())
            .addParam("deadline", deadline.boottime())
            .addParam("uid", record.uid())
            .execute();
      }
      return written(tx, record);
    });
  }

  @Override
  public Experiment close(Experiment record, List<Integer> undone) {
    return database.writeUrgently(tx -> closed(tx, record, undone));
  }

  @Override
  public Experiment again(Experiment record, List<Integer> undone) {
    return database.writeUrgently(tx -> free(tx, record, undone));
  }

  private Experiment closed(DbExecute tx, Experiment record, List<Integer> undone) {
    tx.createNamedUpdate("experiment-close")
        .addParam("closed", record.updated().toEpochMilli())
        .addParam("uid", record.uid())
        .execute();
    return free(tx, record, undone);
  }

  /** A life is over: nothing of it is in place, and nothing is claimed for it. */
  private Experiment free(DbExecute tx, Experiment record, List<Integer> undone) {
    Steps.marked(tx, record.uid(), undone);
    tx.createNamedDelete("claim-free").addParam("uid", record.uid()).execute();
    return written(tx, record);
  }

  /** Writes the life of an experiment, in vain: nothing of it stays. */
  public void rehearse(Experiment record) {
    database.tryOut(tx -> {
      Experiment added = added(tx, record, "", null);
      return closed(tx, written(tx, added), List.of());
    });
  }

  private Experiment written(DbExecute tx, Experiment record) {
    Numbered change = change(tx, record);
    tx.createNamedUpdate("experiment-update")
        .addParam("status", record.status().name())
        .addParam("body", change.body())
        .addParam("uid", record.uid())
        .execute();
    return change.record();
  }

  /** A record as its change has it, and what stands for it in both tables. */
  private record Numbered(Experiment record, String body) {}

  private Numbered change(DbExecute tx, Experiment record) {
    SqliteAudit.note(database, tx, AuditLine.of(record));
    long last =
        tx.createNamedGet("change-last").execute().map(r -> Database.number(r, "seq")).orElse(0L);
    Experiment numbered = record.numbered(last + 1);
    String body = RecordJson.write(numbered);
    tx.createNamedInsert("change-add")
        .addParam("seq", numbered.seq())
        .addParam("uid", record.uid())
        .addParam("status", record.status().name())
        .addParam("body", body)
        .execute();
    SqliteOutbox.note(tx, numbered);
    return new Numbered(numbered, body);
  }

  @Override
  public List<Integer> announce(Announcement news) {
    return database.write(tx -> {
      for (Claim claim : news.claims()) {
        tx.createNamedInsert("claim-add")
            .addParam("uid", news.uid())
            .addParam("name", claim.key())
            .addParam("exclusive", claim.exclusive() ? 1 : 0)
            .addParam("title", claim.name())
            .execute();
      }
      news.left().forEach(each -> Steps.marked(tx, each.uid(), List.of(each.number())));
      news.bases().forEach((name, base) -> Steps.share(tx, name, base));
      int number =
          tx.createNamedGet("step-last")
              .addParam("uid", news.uid())
              .execute()
              .map(row -> (int) Database.number(row, "number"))
              .orElse(0);
      List<Integer> numbers = new ArrayList<>();
      for (Undo step : news.steps()) {
        numbers.add(++number);
        Steps.add(tx, news, step, number);
      }
      return List.copyOf(numbers);
    });
  }

  @Override
  public void made(StoredStep step) {
    database.write(tx -> {
      Steps.made(tx, step);
      return true;
    });
  }

  @Override
  public void merged(StoredStep whole, int part) {
    database.write(tx -> {
      Steps.made(tx, whole);
      Steps.drop(tx, whole.uid(), part);
      return true;
    });
  }

  @Override
  public void undone(String uid, List<Integer> steps) {
    if (!steps.isEmpty()) {
      database.writeUrgently(tx -> {
        Steps.marked(tx, uid, steps);
        return true;
      });
    }
  }

  @Override
  public Optional<Base> base(String join) {
    return database.read(db ->
        db.createNamedGet("shared-get")
            .addParam("name", join)
            .execute()
            .flatMap(row -> Rows.form(row).base()));
  }

  @Override
  public List<Member> members(String join) {
    return database.read(db ->
        db.createNamedQuery("step-shared")
            .addParam("shared", join)
            .execute()
            .flatMap(row -> Rows.member(row).stream())
            .toList());
  }

  @Override
  public Optional<Kept> find(String uid) {
    return database.read(
        db -> db.createNamedGet("experiment-find").addParam("uid", uid).execute().map(Rows::kept));
  }

  @Override
  public Stream<Experiment> list(Query query) {
    return StreamSupport.stream(new Found(database, query), false);
  }

  @Override
  public List<Change> changes(@Nullable String uid, long after, int limit) {
    List<DbRow> found =
        database.read(db -> {
          var query = db.createNamedQuery(uid == null ? "change-all" : "change-of");
          if (uid != null) {
            query.addParam("uid", uid);
          }
          return query.addParam("after", after).addParam("limit", limit).execute().toList();
        });
    return Pages.of("seq", found).stream()
        .limit(1)
        .flatMap(page -> Pages.read(database, "change-page", page).stream())
        .map(Rows::change)
        .toList();
  }

  @Override
  public long lastChange() {
    return database
        .read(db -> db.createNamedGet("change-last").execute().map(r -> Database.number(r, "seq")))
        .orElse(0L);
  }

  @Override
  public Optional<Remembered> remembered(String key, Instant now) {
    return database.read(db -> Keys.get(db, key, now));
  }

  @Override
  public void forgetKeys(Instant now) {
    database.write(tx -> Keys.forget(tx, now));
  }

  @Override
  public Stream<Unfinished> unfinished() {
    return database
        .read(db -> db.createNamedQuery("experiment-unfinished").execute().toList())
        .stream()
        .map(row -> Database.text(row, "uid"))
        .flatMap(uid -> unfinished(uid).stream());
  }

  private Optional<Unfinished> unfinished(String uid) {
    return database.read(db ->
        db.createNamedGet("experiment-found")
            .addParam("uid", uid)
            .execute()
            .map(row -> unfinished(db, row)));
  }

  private static Unfinished unfinished(DbExecute db, DbRow row) {
    Kept kept = Rows.kept(row);
    Experiment record = kept.experiment();
    String boot = row.column("boot").get(String.class);
    Deadline deadline = boot == null ? null : new Deadline(boot, Database.number(row, "deadline"));
    List<StoredStep> steps =
        db
            .createNamedQuery("step-unfinished")
            .addParam("uid", record.uid())
            .execute()
            .toList()
            .stream()
            .map(step -> Rows.step(record.uid(), step))
            .toList();
    List<Claim> claims =
        db.createNamedQuery("claim-of").addParam("uid", record.uid()).execute().toList().stream()
            .map(Rows::claim)
            .toList();
    return new Unfinished(record, steps, claims, deadline, kept.readable());
  }

  @Override
  public void note(AuditLine line) {
    SqliteAudit.add(database, line);
  }

  @Override
  public boolean prune(Instant before) {
    folder.reserve();
    return Retention.prune(database, before);
  }

  @Override
  public void close() {
    database.close();
  }
}
