package io.faultd.experiment;

import io.faultd.dispatch.Dispatcher;
import io.faultd.fault.Aim;
import io.faultd.fault.Effect;
import io.faultd.fault.Hold;
import io.faultd.rollback.Rollback;
import io.faultd.spec.CommonRules;
import io.faultd.spec.Specs;
import io.faultd.store.DataFolder;
import io.faultd.store.SqliteStore;
import io.faultd.testing.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A daemon without sockets: everything behind them, on a folder of its own. */
final class Node implements AutoCloseable {
  private static final AtomicInteger BODIES = new AtomicInteger();

  final Path data;
  final FakeTime time;
  final DataFolder folder;
  final SqliteStore store;
  final Engine engine;
  private boolean closed;

  private Node(Setup setup) throws IOException {
    this.data = setup.data;
    this.time = setup.time;
    this.folder = new DataFolder(data);
    try {
      this.store = new SqliteStore(folder, setup.lasting);
    } catch (IOException e) {
      folder.close();
      throw e;
    }
    Path specs = Files.createTempDirectory("specs");
    Files.writeString(specs.resolve("trial.yaml"), Trial.YAML);
    Dispatcher dispatcher =
        new Dispatcher(Specs.load(specs), Map::of, new CommonRules(null, false, List.of()));
    Files.delete(specs.resolve("trial.yaml"));
    Files.delete(specs);
    this.engine =
        new Engine(
            dispatcher,
            store,
            new Rollback(folder.scratch(), folder::room),
            (Aim aim, List<String> allowed) -> Optional.empty(),
            setup.sweeper,
            time,
            new Rules(setup.experiments, setup.inject, setup.resume, setup.retention),
            setup.threads);
    engine.undosTo(setup.undone);
    engine.recover();
  }

  /** How a node is set up. */
  static final class Setup {
    private final Path data;
    private FakeTime time = new FakeTime();
    private int experiments = 100;
    private Duration inject = Duration.ofSeconds(60);
    private boolean resume;
    private Duration retention = Duration.ofDays(30);
    private boolean lasting = true;
    private ThreadFactory threads = Engine.THREADS;
    private Sweeper sweeper = (uid, flags) -> new Experiments.Swept(List.of(), List.of());

    private BiConsumer<Experiment, Duration> undone = (record, took) -> {};

    private Setup(Path data) {
      this.data = data;
    }

    Setup time(FakeTime clocks) {
      time = clocks;
      return this;
    }

    Setup experiments(int most) {
      experiments = most;
      return this;
    }

    Setup inject(Duration limit) {
      inject = limit;
      return this;
    }

    Setup retention(Duration kept) {
      retention = kept;
      return this;
    }

    Setup threads(ThreadFactory owners) {
      threads = owners;
      return this;
    }

    Setup sweeper(Sweeper how) {
      sweeper = how;
      return this;
    }

    Setup undone(BiConsumer<Experiment, Duration> told) {
      undone = told;
      return this;
    }

    Setup resume() {
      resume = true;
      return this;
    }

    Setup fleeting() {
      lasting = false;
      return this;
    }

    Node start() throws IOException {
      return new Node(this);
    }
  }

  static Setup on(Path data) {
    return new Setup(data);
  }

  /** The data folder as a power cut would leave it now. */
  Path snapshot(Path copy) throws IOException {
    Files.createDirectories(copy);
    for (String name : List.of("faultd.db", "faultd.db-wal")) {
      if (Files.exists(data.resolve(name))) {
        Files.copy(data.resolve(name), copy.resolve(name));
      }
    }
    return copy;
  }

  /** An order of what a body does. */
  static Order run(Trial.Body body) {
    return run(null, body, Map.of());
  }

  static Order run(@Nullable String uid, Trial.Body body, Map<String, String> more) {
    return order(uid, "trial", "run", trial(body, more));
  }

  static Map<String, String> trial(Trial.Body body, Map<String, String> more) {
    String name = "body-" + BODIES.incrementAndGet();
    Trial.BODIES.put(name, body);
    Map<String, String> flags = new HashMap<>(more);
    flags.put("body", name);
    return flags;
  }

  static Order order(
      @Nullable String uid, String target, String action, Map<String, String> flags) {
    return new Order(uid, "", target, action, flags, "", Map.of());
  }

  static Order chmod(@Nullable String uid, Path file, String... more) {
    Map<String, String> flags = new HashMap<>(Map.of("filepath", file.toString(), "mark", "000"));
    for (int i = 0; i < more.length; i += 2) {
      flags.put(more[i], more[i + 1]);
    }
    return order(uid, "file", "chmod", flags);
  }

  Created create(Order order) {
    return create(order, null);
  }

  Created create(Order order, @Nullable String key) {
    return engine.create(order, new Experiments.Waiting(key, () -> false, null));
  }

  /** Creates, and expects success. */
  String succeed(Order order) {
    Created created = create(order);
    if (created.failure() != null) {
      throw created.failure();
    }
    return created.experiment().uid();
  }

  Experiment get(String uid) {
    return engine.get(uid).orElseThrow();
  }

  Experiment destroy(String uid) {
    return engine.destroy(uid, false).experiment();
  }

  /** Waits until a record has a status. */
  Experiment await(String uid, Status status) throws Exception {
    Eventually.eventually(uid + " is " + status, () -> get(uid).status() == status);
    return get(uid);
  }

  /** Ends like after SIGTERM. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      engine.close();
      store.close();
      folder.close();
    }
  }

  /** Something held, by which a test sees and says how it is. */
  static final class Held implements Hold {
    volatile Effect.State state = Effect.State.SETTLED;
    volatile @Nullable RuntimeException failure;
    final AtomicInteger closed = new AtomicInteger();

    /** What letting go of it throws, an error or what need not be declared. */
    volatile @Nullable Throwable stuck;

    private final Instant since = Instant.now();

    @Override
    public Effect effect() {
      RuntimeException thrown = failure;
      if (thrown != null) {
        throw thrown;
      }
      return new Effect(state, null, null, null, null, since, "as the test says");
    }

    @Override
    public void close() {
      closed.incrementAndGet();
      Throwable thrown = stuck;
      if (thrown instanceof Error error) {
        throw error;
      }
      if (thrown instanceof RuntimeException exception) {
        throw exception;
      }
    }
  }
}
