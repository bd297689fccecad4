package io.faultd.store;

import io.faultd.experiment.Store;
import io.faultd.experiment.StoredStep;
import io.faultd.fault.Base;
import io.faultd.fault.Undo;
import io.helidon.dbclient.DbExecute;
import java.util.List;

/** What becomes of steps that are announced. */
final class Steps {
  private Steps() {}

  /** Announces one. */
  static void add(DbExecute tx, Store.Announcement news, Undo step, int number) {
    WireForm form = WireForm.of(step);
    tx.createNamedInsert("step-add")
        .addParam("uid", news.uid())
        .addParam("number", number)
        .addParam("boot", news.bootId())
        .addParam("kind", form.kind())
        .addParam("version", form.version())
        .addParam("body", form.body())
        .addParam("shared", step.joins().orElse(null))
        .execute();
  }

  /** Keeps what a thing was before the first of the steps that share it. */
  static void share(DbExecute tx, String name, Base base) {
    WireForm form = WireForm.of(base);
    tx.createNamedInsert("shared-add")
        .addParam("name", name)
        .addParam("kind", form.kind())
        .addParam("version", form.version())
        .addParam("body", form.body())
        .execute();
  }

  /** Writes what is known of one by now. */
  static void made(DbExecute tx, StoredStep step) {
    Undo undo = step.undo();
    if (undo != null) {
      tx.createNamedUpdate("step-made")
          .addParam("body", WireForm.of(undo).body())
          .addParam("uid", step.uid())
          .addParam("number", step.number())
          .execute();
    }
  }

  /** Takes one away that has become a part of another. */
  static void drop(DbExecute tx, String uid, int number) {
    tx.createNamedDelete("step-drop").addParam("uid", uid).addParam("number", number).execute();
  }

  /** Marks them undone; the last member of a shared thing takes the base with it. */
  static void marked(DbExecute tx, String uid, List<Integer> steps) {
    for (int number : steps) {
      tx.createNamedUpdate("step-undone").addParam("uid", uid).addParam("number", number).execute();
    }
    if (!steps.isEmpty()) {
      tx.createNamedUpdate("step-leave").execute();
      tx.createNamedDelete("shared-leave").execute();
    }
  }
}
