package io.faultd.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.faultd.dispatch.Dispatcher;
import io.faultd.dispatch.Finders;
import io.faultd.experiment.Created;
import io.faultd.experiment.Engine;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Experiments;
import io.faultd.experiment.Guard;
import io.faultd.experiment.GuardRails;
import io.faultd.experiment.Order;
import io.faultd.experiment.Plan;
import io.faultd.experiment.Rules;
import io.faultd.experiment.Status;
import io.faultd.experiment.Store;
import io.faultd.experiment.Time;
import io.faultd.experiment.Unfinished;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.jvm.JvmFlags;
import io.faultd.jvm.JvmTargets;
import io.faultd.jvm.Jvms;
import io.faultd.linux.Boot;
import io.faultd.linux.proc.Procfs;
import io.faultd.preparation.LivePreparations;
import io.faultd.rollback.Rollback;
import io.faultd.spec.CommonRules;
import io.faultd.spec.ContainerFlags;
import io.faultd.spec.Specs;
import io.faultd.store.DataFolder;
import io.faultd.store.SqliteStore;
import io.faultd.testing.Container;
import io.faultd.testing.Containerd;
import io.faultd.testing.Eventually;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** A daemon without sockets that works in the containers of a test's containerd. */
final class Rig implements AutoCloseable {
  private static final Specs SPECS = Specs.load(null);

  private final DataFolder folder;
  private final Store store;
  private final LivePreparations preparations;
  final Dispatcher dispatcher;
  final Engine engine;

  Rig(Containerd containerd, Path data) throws IOException {
    this(containerd, data, false);
  }

  /**
   * A daemon.
   *
   * @param resume whether it injects anew what it finds
   */
  Rig(Containerd containerd, Path data, boolean resume) throws IOException {
    this(containerd, data, resume, store -> store);
  }

  /**
   * A daemon.
   *
   * @param resume whether it injects anew what it finds
   * @param watching sees what is written into the store
   */
  Rig(Containerd containerd, Path data, boolean resume, UnaryOperator<Store> watching)
      throws IOException {
    this.folder = new DataFolder(data);
    SqliteStore real = new SqliteStore(folder, true);
    this.store = watching.apply(real);
    ContainerFinder finder = new ContainerFinder(List.of(containerd.socket()));
    Jvms jvms = new Jvms(Procfs.HOST, jvm -> jvm.pid() == ProcessHandle.current().pid());
    LivePreparations[] late = new LivePreparations[1];
    JvmTargets targets = new JvmTargets(jvms, (jvm, process) -> late[0].agent(jvm, process));
    this.dispatcher =
        new Dispatcher(
            SPECS,
            Map::of,
            CommonRules.DEFAULT,
            new Finders(
                flags -> finder.find(selector(flags)),
                Map.of(
                    "jvm",
                    (place, params) -> targets.find(place, ((JvmFlags.Order) params).jvm()))));
    GuardRails rails = new GuardRails(data, List.of(), Set.of());
    Guard guard =
        (aim, allowed) -> rails.allowed(aim, allowed) ? Optional.empty() : rails.guards(aim);
    this.engine =
        new Engine(
            dispatcher,
            store,
            new Rollback(folder.scratch(), folder::room),
            guard,
            (uid, flags) -> new Experiments.Swept(List.of(), List.of()),
            new Now(),
            new Rules(100, Duration.ofSeconds(60), resume, Duration.ofDays(1)),
            Engine.THREADS);
    this.preparations =
        new LivePreparations(
            new LivePreparations.Parts(
                real.preparations(),
                jvms,
                guard,
                engine,
                new Now(),
                store.instance(),
                Duration.ofDays(30)));
    late[0] = preparations;
    preparations.recover();
    engine.recover();
  }

  static Selector selector(ContainerFlags flags) {
    return new Selector(
        flags.id(),
        flags.name(),
        flags.labels(),
        flags.podName(),
        flags.podNamespace(),
        flags.runtime(),
        flags.endpoint(),
        flags.namespace());
  }

  private static Order order(Container container, String target, String action, String... flags) {
    Map<String, String> all = new HashMap<>(Map.of("container-id", container.id()));
    for (int i = 0; i < flags.length; i += 2) {
      all.put(flags[i], flags[i + 1]);
    }
    return new Order(null, "cri", target, action, all, "", Map.of());
  }

  Created create(Container container, String target, String action, String... flags) {
    return engine.create(
        order(container, target, action, flags), new Experiments.Waiting(null, () -> false, null));
  }

  /** Creates, and expects success; its uid. */
  String succeed(Container container, String target, String action, String... flags) {
    Created created = create(container, target, action, flags);
    if (created.failure() != null) {
      throw created.failure();
    }
    assertEquals("cri", created.experiment().scope());
    return created.experiment().uid();
  }

  /** Creates, and expects that it is refused. */
  FaultException refused(
      Reason reason, Container container, String target, String action, String... flags) {
    FaultException failure;
    try {
      failure = create(container, target, action, flags).failure();
    } catch (FaultException e) {
      failure = e;
    }
    if (failure == null) {
      throw new AssertionError("it was not refused");
    }
    assertEquals(reason, failure.reason(), failure.getMessage());
    return failure;
  }

  Plan plan(Container container, String target, String action, String... flags) {
    return engine.plan(order(container, target, action, flags));
  }

  Experiment get(String uid) {
    return engine.get(uid).orElseThrow();
  }

  /** Destroys twice, and expects that all was undone. */
  Experiment destroy(String uid) {
    Experiment record = engine.destroy(uid, false).experiment();
    assertEquals(Status.DESTROYED, record.status(), record.error());
    assertEquals(List.of(), record.residue());
    assertEquals(Status.DESTROYED, engine.destroy(uid, false).experiment().status());
    return record;
  }

  /** Waits until an experiment has ended by itself. */
  Experiment failed(String uid) throws Exception {
    Eventually.eventually(uid + " ends", () -> get(uid).status() == Status.ERROR);
    return get(uid);
  }

  /** What has not ended, or could not be undone. */
  List<Unfinished> unfinished() {
    try (Stream<Unfinished> all = store.unfinished()) {
      return all.toList();
    }
  }

  /** Lets go of its folder, and does nothing more. */
  void die() {
    store.close();
    folder.close();
  }

  @Override
  public void close() {
    engine.close();
    preparations.close();
    store.close();
    folder.close();
  }

  /** The clocks of this node. */
  private record Now() implements Time {
    @Override
    public String bootId() {
      try {
        return Boot.id();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    @Override
    public Instant now() {
      return Instant.now();
    }

    @Override
    public long boottime() {
      return Boot.time().toNanos();
    }
  }
}
