package io.faultd.preparation;

import io.faultd.dispatch.Containers;
import io.faultd.dispatch.Dispatcher;
import io.faultd.dispatch.Finders;
import io.faultd.experiment.Created;
import io.faultd.experiment.Engine;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Experiments;
import io.faultd.experiment.Guard;
import io.faultd.experiment.Order;
import io.faultd.experiment.Rules;
import io.faultd.experiment.Time;
import io.faultd.jvm.JvmFlags;
import io.faultd.jvm.JvmTargets;
import io.faultd.jvm.Jvms;
import io.faultd.linux.Boot;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A daemon without sockets that breaks real JVMs, on a folder of its own. */
public final class JvmNode implements AutoCloseable {
  private static final Time TIME =
      new Time() {
        @Override
        public Instant now() {
          return Instant.now();
        }

        @Override
        public long boottime() {
          return Boot.time().toNanos();
        }

        @Override
        public String bootId() {
          return Procfs.HOST.bootId();
        }
      };

  /** Its preparations. */
  public final LivePreparations preparations;

  /** What those work with. */
  final LivePreparations.Parts parts;

  private final DataFolder folder;
  private final SqliteStore store;
  private final Engine engine;

  /** One on a folder, after it has recovered. */
  public JvmNode(Path data) throws IOException {
    this(data, Finders.NODE.containers());
  }

  /** One that also finds containers. */
  public JvmNode(Path data, Containers containers) throws IOException {
    folder = new DataFolder(data);
    store = new SqliteStore(folder, true);
    Jvms jvms = new Jvms(Procfs.HOST, jvm -> jvm.pid() == ProcessHandle.current().pid());
    LivePreparations[] late = new LivePreparations[1];
    JvmTargets targets = new JvmTargets(jvms, (jvm, process) -> late[0].agent(jvm, process));
    Dispatcher dispatcher =
        new Dispatcher(
            Specs.load(null),
            Map::of,
            CommonRules.DEFAULT,
            new Finders(
                containers,
                Map.of(
                    "jvm",
                    (place, params) -> targets.find(place, ((JvmFlags.Order) params).jvm()))));
    Guard guard =
        (aim, allowed) ->
            aim.id().equals("1") ? Optional.of("it is the first process") : Optional.empty();
    engine =
        new Engine(
            dispatcher,
            store,
            new Rollback(folder.scratch(), folder::room),
            guard,
            (uid, flags) -> new Experiments.Swept(List.of(), List.of()),
            TIME,
            new Rules(100, Duration.ofSeconds(60), false, Duration.ofDays(30)),
            Engine.THREADS);
    parts =
        new LivePreparations.Parts(
            store.preparations(), jvms, guard, engine, TIME, store.instance(), Duration.ofDays(30));
    preparations = new LivePreparations(parts);
    late[0] = preparations;
    preparations.recover();
    engine.recover();
  }

  /** Prepares. */
  public Prepared prepare(int pid) {
    return preparations.create(
        new PreparationOrder(null, "jvm", null, pid, null, null, false, false));
  }

  /** Creates an experiment on the JVM of a container. */
  public Created createIn(String container, String action, Map<String, String> flags) {
    Map<String, String> all = new HashMap<>(flags);
    all.put("container-id", container);
    return engine.create(
        new Order(null, "cri", "jvm", action, all, "", Map.of()),
        new Experiments.Waiting(null, () -> false, null));
  }

  /** Creates an experiment on a JVM; flags by name and value. */
  public Created create(int pid, String action, String... flags) {
    return createOf("jvm", pid, action, flags);
  }

  /** Creates one whose target is a library of a JVM, or the JVM itself. */
  public Created createOf(String target, int pid, String action, String... flags) {
    Map<String, String> all = new HashMap<>(Map.of("pid", Integer.toString(pid)));
    for (int i = 0; i < flags.length; i += 2) {
      all.put(flags[i], flags[i + 1]);
    }
    return create(target, action, all);
  }

  /** Creates one of these flags and no others. */
  public Created create(String target, String action, Map<String, String> flags) {
    return engine.create(
        new Order(null, "", target, action, flags, "", Map.of()),
        new Experiments.Waiting(null, () -> false, null));
  }

  /** One that must come to success. */
  public Experiment inject(int pid, String action, String... flags) {
    return injectOf("jvm", pid, action, flags);
  }

  /** One whose target is a library, that must come to success. */
  public Experiment injectOf(String target, int pid, String action, String... flags) {
    Created created = createOf(target, pid, action, flags);
    if (created.failure() != null) {
      throw created.failure();
    }
    return created.experiment();
  }

  /** A record as it is now. */
  public Experiment now(Experiment experiment) {
    return engine.get(experiment.uid()).orElseThrow();
  }

  /** Destroys. */
  public Experiment destroy(Experiment experiment) {
    return engine.destroy(experiment.uid(), false).experiment();
  }

  /** All experiments. */
  public Experiments experiments() {
    return engine;
  }

  @Override
  public void close() {
    engine.close();
    preparations.close();
    store.close();
    folder.close();
  }
}
