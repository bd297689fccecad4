package io.faultd.http;

import io.faultd.experiment.Experiment;
import io.faultd.experiment.Experiments;
import io.faultd.experiment.Query;
import io.faultd.experiment.Status;
import io.helidon.metrics.api.Gauge;
import io.helidon.metrics.api.Meter;
import io.helidon.metrics.api.MeterRegistry;
import io.helidon.metrics.api.Tag;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What experiments that are in place do, as gauges: one of each kind for each of them, which goes
 * when the experiment does, so that there are never more than experiments may be.
 *
 * <p>They are renewed when they are asked for, and say what the records say.
 */
final class ExperimentMeters {
  private static final String PREFIX = "faultd_experiment_";

  private final MeterRegistry registry;
  private final Map<Key, Value> values = new HashMap<>();

  ExperimentMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  private record Key(String name, String uid) {}

  /** What a gauge shows; the registry holds on to it until the gauge is removed. */
  private static final class Value {
    private final Meter meter;
    private volatile Number now;

    Value(MeterRegistry registry, Key key, Experiment of, Number now) {
      this.now = now;
      this.meter =
          registry.getOrCreate(
              Gauge.builder(key.name(), () -> this.now)
                  .description("What an experiment does: " + key.name().replace(PREFIX, ""))
                  .tags(
                      List.of(
                          Tag.create("uid", key.uid()),
                          Tag.create("target", of.target()),
                          Tag.create("action", of.action()))));
    }
  }

  /** Makes them those of the experiments that are in place now. */
  synchronized void renew(Experiments experiments) {
    Set<Key> seen = new HashSet<>();
    Query inPlace =
        new Query(null, null, null, null, Status.SUCCESS, Map.of(), 0, Integer.MAX_VALUE, false);
    try (Stream<Experiment> all = experiments.list(inPlace)) {
      all.filter(each -> each.status() == Status.SUCCESS)
          .forEach(each -> {
            show(seen, "hits", each, each.effect().hits());
            show(seen, "bytes", each, each.effect().bytes());
            show(seen, "asked", each, each.effect().asked());
            show(seen, "achieved", each, each.effect().achieved());
          });
    }
    values
        .entrySet()
        .removeIf(each -> {
          boolean over = !seen.contains(each.getKey());
          if (over) {
            registry.remove(each.getValue().meter);
          }
          return over;
        });
  }

  private void show(Set<Key> seen, String what, Experiment of, @Nullable Number number) {
    if (number != null) {
      Key key = new Key(PREFIX + what, of.uid());
      seen.add(key);
      values.computeIfAbsent(key, absent -> new Value(registry, key, of, number)).now = number;
    }
  }
}
