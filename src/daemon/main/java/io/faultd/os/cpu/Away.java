package io.faultd.os.cpu;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which processors of a load nothing burns on for now, for they are offline or have left the
 * worker's cpuset.
 */
final class Away {
  private final Map<Integer, String> refused = new TreeMap<>();
  private List<Integer> processors = List.of();
  private @Nullable String past;

  /** Those that are away now; all others are back. */
  void now(List<Integer> absent) {
    if (!processors.isEmpty() && !processors.equals(absent)) {
      Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
      past = "cpus %s were away until %s".formatted(processors, now);
    }
    processors = absent;
    refused.keySet().retainAll(absent);
  }

  /** One was to be used again, and could not be. */
  void refused(int processor, String why) {
    refused.put(processor, why);
  }

  /** What there is to say while some are away. */
  Optional<String> present() {
    return processors.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "nothing burns on cpus %s: %s"
                .formatted(
                    processors,
                    refused.isEmpty()
                        ? "they are offline, or not in the worker's cpuset"
                        : String.join("; ", refused.values())));
  }

  /** What there is to say once they are back. */
  Optional<String> past() {
    return Optional.ofNullable(past);
  }
}
