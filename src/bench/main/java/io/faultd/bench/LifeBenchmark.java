package io.faultd.bench;

import io.faultd.dispatch.Dispatcher;
import io.faultd.experiment.Created;
import io.faultd.experiment.Destroyed;
import io.faultd.experiment.Engine;
import io.faultd.experiment.Experiments;
import io.faultd.experiment.Order;
import io.faultd.experiment.Rules;
import io.faultd.experiment.Time;
import io.faultd.linux.Boot;
import io.faultd.rollback.Rollback;
import io.faultd.spec.CommonRules;
import io.faultd.spec.Specs;
import io.faultd.store.DataFolder;
import io.faultd.store.SqliteStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

/** What the life of the smallest real experiment costs without a network: a file's mode. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(
    value = 1,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-Xmx96m"})
@SuppressWarnings("NullAway.Init") // JMH calls the method of Setup first
public class LifeBenchmark {
  private Path place = Path.of("");
  private DataFolder folder;
  private SqliteStore store;
  private Engine engine;

  /** Opens an engine on a folder of its own. */
  @Setup
  public void open() throws IOException {
    place = Places.make("life");
    Files.createFile(place.resolve("victim"));
    folder = new DataFolder(place.resolve("store"));
    store = new SqliteStore(folder, true);
    engine =
        new Engine(
            new Dispatcher(Specs.load(null), Map::of, CommonRules.DEFAULT),
            store,
            new Rollback(folder.scratch(), folder::room),
            (aim, allowed) -> Optional.empty(),
            (uid, flags) -> new Experiments.Swept(List.of(), List.of()),
            new Clocks(Boot.id()),
            new Rules(256, Duration.ofMinutes(1), false, Duration.ofDays(30)),
            Engine.THREADS);
    engine.recover();
  }

  /** Closes and deletes it. */
  @TearDown
  public void close() throws IOException {
    engine.close();
    store.close();
    folder.close();
    Places.delete(place);
  }

  /** Created, in place, destroyed, put back. */
  @Benchmark
  public Destroyed createAndDestroy() {
    Order order =
        new Order(
            null,
            "",
            "file",
            "chmod",
            Map.of("filepath", place.resolve("victim").toString(), "mark", "000"),
            "",
            Map.of());
    Created created = engine.create(order, new Experiments.Waiting(null, () -> false, null));
    return engine.destroy(created.experiment().uid(), false);
  }

  private record Clocks(String bootId) implements Time {
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
