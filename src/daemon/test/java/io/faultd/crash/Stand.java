package io.faultd.crash;

import io.faultd.dispatch.Dispatcher;
import io.faultd.dispatch.Finders;
import io.faultd.experiment.Engine;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Experiments.Swept;
import io.faultd.experiment.Rules;
import io.faultd.experiment.Time;
import io.faultd.fault.Target;
import io.faultd.linux.Boot;
import io.faultd.linux.ns.Interior;
import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.linux.proc.Procfs;
import io.faultd.rollback.Rollback;
import io.faultd.spec.CommonRules;
import io.faultd.spec.Specs;
import io.faultd.store.DataFolder;
import io.faultd.store.SqliteStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A daemon without sockets: everything behind them, on a data folder, recovered.
 *
 * @param folder its data folder
 * @param store its store
 * @param engine its engine
 */
record Stand(DataFolder folder, CuttingStore store, Engine engine) implements AutoCloseable {
  private static final Dispatcher DISPATCHER =
      new Dispatcher(
          Specs.load(null),
          Map::of,
          CommonRules.DEFAULT,
          new Finders(flags -> container(String.valueOf(flags.id())), Map.of()));

  /** The container whose first process has this pid; here its runtime calls it so. */
  private static Target container(String pid) throws IOException {
    ProcessIdentity first = Procfs.HOST.identity(Integer.parseInt(pid)).orElseThrow();
    return new Target.Container(pid, "far", Interior.of(first, Procfs.HOST), () -> {});
  }

  /** A stand that has not recovered yet, and will undo what it finds. */
  static Stand open(Path data, String bootId) throws IOException {
    return open(data, bootId, false);
  }

  /**
   * A stand that has not recovered yet.
   *
   * @param resume whether it injects anew what it finds
   */
  static Stand open(Path data, String bootId, boolean resume) throws IOException {
    DataFolder folder = new DataFolder(data);
    CuttingStore store = new CuttingStore(new SqliteStore(folder, true));
    Engine engine =
        new Engine(
            DISPATCHER,
            store,
            new Rollback(folder.scratch(), folder::room),
            (aim, allowed) -> Optional.empty(),
            (uid, flags) -> new Swept(List.of(), List.of()),
            new Clocks(bootId),
            new Rules(100, Duration.ofSeconds(60), resume, Duration.ofDays(1)),
            Engine.THREADS);
    return new Stand(folder, store, engine);
  }

  /** The record of an experiment, if it came to one. */
  Optional<Experiment> record(String uid) {
    return engine.get(uid);
  }

  @Override
  public void close() throws IOException {
    if (!Cuts.dead()) {
      engine.close();
    }
    store.close();
    folder.close();
  }

  /**
   * The clocks of this node, in a boot of a test's choice.
   *
   * @param bootId which
   */
  record Clocks(String bootId) implements Time {
    private static volatile Duration passed = Duration.ZERO;

    /** Time passes, for those who live and those who come. */
    static void pass(Duration by) {
      passed = passed.plus(by);
    }

    @Override
    public Instant now() {
      return Instant.now().plus(passed);
    }

    @Override
    public long boottime() {
      return Boot.time().plus(passed).toNanos();
    }
  }
}
