package io.faultd;

import io.faultd.experiment.Experiments;
import io.faultd.store.SqliteStore;
import io.helidon.metrics.api.FunctionalCounter;
import io.helidon.metrics.api.Gauge;
import io.helidon.metrics.api.Meter;
import io.helidon.metrics.api.MeterRegistry;
import io.helidon.metrics.api.Timer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What the daemon itself takes of the node: memory, processor time, descriptors, disk. */
final class NodeMeters implements AutoCloseable {
  private static final Path SELF = Path.of("/proc/self");

  private final MeterRegistry registry;
  private final List<Meter> meters = new ArrayList<>();

  /**
   * Those of this process.
   *
   * @param data where its database is
   */
  NodeMeters(MeterRegistry registry, Path data, Experiments experiments, SqliteStore store) {
    this.registry = registry;
    gauge(
        "process_resident_memory_bytes",
        "Resident memory of the daemon",
        () -> kilobytes("VmRSS:") * 1024);
    gauge("process_open_fds", "Open descriptors of the daemon", () -> entries(SELF.resolve("fd")));
    gauge("faultd_store_bytes", "Size of the database and its log", () -> size(data));
    meters.add(
        registry.getOrCreate(
            FunctionalCounter.builder("faultd_store_changes", experiments, Experiments::lastChange)
                .description("Changes of experiments that were written")));
    meters.add(
        registry.getOrCreate(
            FunctionalCounter.builder("faultd_store_errors", store, SqliteStore::errors)
                .description("Times that the database could not be read or written")));
    Timer writes =
        registry.getOrCreate(
            Timer.builder("faultd_store_write")
                .description("Writing into the database, until it is on disk")
                .buckets(TimedExperiments.BUCKETS));
    meters.add(writes);
    store.timesTo(writes::record);
    if (ManagementFactory.getOperatingSystemMXBean()
        instanceof com.sun.management.OperatingSystemMXBean system) {
      // a counter of this registry would have whole seconds only
      gauge(
          "process_cpu_seconds_total",
          "Processor time of the daemon",
          () -> system.getProcessCpuTime() / 1e9);
    }
  }

  private void gauge(String name, String description, Supplier<? extends Number> value) {
    meters.add(registry.getOrCreate(Gauge.builder(name, value).description(description)));
  }

  private static long kilobytes(String name) {
    try (Stream<String> lines = Files.lines(SELF.resolve("status"))) {
      return lines
          .filter(line -> line.startsWith(name))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .sum();
    } catch (IOException e) {
      return 0;
    }
  }

  private static long entries(Path folder) {
    try (Stream<Path> all = Files.list(folder)) {
      return all.count();
    } catch (IOException e) {
      return 0;
    }
  }

  private static long size(Path data) {
    return Stream.of("faultd.db", "faultd.db-wal")
        .mapToLong(name -> data.resolve(name).toFile().length())
        .sum();
  }

  @Override
  public void close() {
    meters.forEach(registry::remove);
  }
}
