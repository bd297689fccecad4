package io.faultd.store;

import io.faultd.experiment.Change;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Store;
import io.faultd.experiment.StoredStep;
import io.faultd.fault.Claim;
import io.faultd.fault.Undo;
import io.faultd.rollback.Company;
import io.helidon.dbclient.DbRow;
import java.util.Optional;

/** What rows of the database say. */
final class Rows {
  private Rows() {}

  static Optional<Store.Member> member(DbRow row) {
    boolean undone = Database.number(row, "undone") == 1;
    return form(row)
        .undo()
        .map(undo ->
            new Store.Member(
                Database.text(row, "uid"),
                (int) Database.number(row, "number"),
                Database.text(row, "boot"),
                new Company.Member(undo, undone)));
  }

  static WireForm form(DbRow row) {
    return new WireForm(
        Database.text(row, "kind"),
        (int) Database.number(row, "version"),
        Database.text(row, "body"));
  }

  /** A record, or what stands in for it. */
  static Experiment record(DbRow row) {
    return kept(row).experiment();
  }

  /** The same, with whether it could be read. */
  static Store.Kept kept(DbRow row) {
    String order = Database.text(row, "print");
    try {
      return new Store.Kept(read(row), order, true);
    } catch (IllegalArgumentException e) {
      String target = Database.text(row, "target");
      return new Store.Kept(StandIn.of(row, target, Database.text(row, "action"), e), order, false);
    }
  }

  private static Experiment read(DbRow row) {
    Experiment record = RecordJson.read(Experiment.class, Database.text(row, "body"));
    if (!record.uid().equals(Database.text(row, "uid"))) {
      throw new IllegalArgumentException("it is that of " + record.uid());
    }
    return record;
  }

  static Change change(DbRow row) {
    long seq = Database.number(row, "seq");
    Experiment record;
    try {
      record = read(row);
    } catch (IllegalArgumentException e) {
      record = StandIn.of(row, "", "", e);
    }
    return new Change(seq, record.numbered(seq));
  }

  static StoredStep step(String uid, DbRow row) {
    WireForm form = form(row);
    Undo undo = form.undo().orElse(null);
    return new StoredStep(
        uid,
        (int) Database.number(row, "number"),
        Database.text(row, "boot"),
        undo,
        undo != null
            ? ""
            : "%s (version %d) %s".formatted(form.kind(), form.version(), form.body()));
  }

  static Claim claim(DbRow row) {
    return new Claim(
        Database.text(row, "name"),
        Database.number(row, "exclusive") == 1,
        Database.text(row, "title"));
  }
}
