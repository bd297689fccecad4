package io.faultd.http;

import io.faultd.experiment.Experiment;
import io.faultd.experiment.Experiments;
import io.faultd.experiment.Status;
import io.faultd.fault.Effect;
import io.helidon.metrics.api.Gauge;
import io.helidon.metrics.api.Meter;
import io.helidon.metrics.api.MeterRegistry;
import io.helidon.metrics.api.Tag;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What experiments that have not ended do, as gauges: how many there are of each kind, and for each
 * of them what it does; they go when the experiment does, so that there are never more than
 * experiments may be.
 *
 * <p>They are renewed when they are asked for, and say what the records say.
 */
final class ExperimentMeters {
  private static final String EACH = "faultd_experiment_";

  private static final Map<String, String> DESCRIPTIONS =
      Map.of(
          "faultd_experiments",
          "Experiments that have not ended",
          "faultd_residue_steps",
          "Steps that could not be undone yet",
          EACH + "hits",
          "What an experiment did to others, in calls or packets",
          EACH + "bytes",
          "Bytes of the packets that an experiment hit",
          EACH + "asked",
          "What was asked of an experiment",
          EACH + "achieved",
          "What an experiment achieves of what was asked",
          EACH + "shortfall",
          "What an experiment lacks of what was asked");

  private final MeterRegistry registry;
  private final Map<Key, Value> values = new HashMap<>();

  ExperimentMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  private record Key(String name, SortedMap<String, String> tags) {}

  /** What a gauge shows; the registry holds on to it until the gauge is removed. */
  private static final class Value {
    private final Meter meter;
    private volatile double now;

    Value(MeterRegistry registry, Key key) {
      this.meter =
          registry.getOrCreate(
              Gauge.builder(key.name(), () -> this.now)
                  .description(String.valueOf(DESCRIPTIONS.get(key.name())))
                  .tags(
                      key.tags().entrySet().stream()
                          .map(tag -> Tag.create(tag.getKey(), tag.getValue()))
                          .toList()));
    }
  }

  /** Makes them those of the experiments that have not ended now. */
  synchronized void renew(Experiments experiments) {
    Map<Key, Double> seen = new HashMap<>();
    seen.put(new Key("faultd_residue_steps", new TreeMap<>()), 0.0);
    List<Experiment> all = experiments.unended();
    for (Experiment each : all) {
      count(seen, each);
      if (each.status() == Status.SUCCESS) {
        show(seen, each);
      }
    }
    seen.forEach((key, number) ->
        values.computeIfAbsent(key, absent -> new Value(registry, key)).now = number);
    values
        .entrySet()
        .removeIf(each -> {
          boolean over = !seen.containsKey(each.getKey());
          if (over) {
            registry.remove(each.getValue().meter);
          }
          return over;
        });
  }

  private static void count(Map<Key, Double> seen, Experiment each) {
    SortedMap<String, String> kind = kind(each);
    kind.put("status", each.status().text().toLowerCase(Locale.ROOT));
    seen.merge(new Key("faultd_experiments", kind), 1.0, Double::sum);
    double residue = each.residue().size();
    seen.merge(new Key("faultd_residue_steps", new TreeMap<>()), residue, Double::sum);
  }

  private static void show(Map<Key, Double> seen, Experiment each) {
    Double asked = each.effect().asked();
    Double achieved = each.effect().achieved();
    show(seen, "hits", each, each.effect().hits());
    show(seen, "bytes", each, each.effect().bytes());
    show(seen, "asked", each, asked);
    show(seen, "achieved", each, achieved);
    if (asked != null && achieved != null) {
      // what is on its way, or a matter of chance, lacks nothing yet
      boolean lacks = each.effect().state() == Effect.State.DEGRADED;
      show(seen, "shortfall", each, lacks ? Math.max(0, asked - achieved) : 0);
    }
  }

  private static void show(
      Map<Key, Double> seen, String what, Experiment each, @Nullable Number number) {
    if (number != null) {
      SortedMap<String, String> tags = kind(each);
      tags.put("uid", each.uid());
      seen.put(new Key(EACH + what, tags), number.doubleValue());
    }
  }

  private static SortedMap<String, String> kind(Experiment of) {
    return new TreeMap<>(Map.of("target", of.target(), "action", of.action()));
  }
}
