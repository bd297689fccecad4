package io.faultd;

import io.faultd.dispatch.Probe;
import java.time.Duration;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * What this node lacks, as it was found out last: for a minute, for that makes queues and tables
 * and takes as long as an order. Thread-safe.
 */
final class Missing implements Probe {
  private static final Duration AGE = Duration.ofMinutes(1);

  /** Orders that are refused one after the other share an answer. */
  private static final Duration SOON = Duration.ofSeconds(1);

  private final Probe node;
  private final LongSupplier nanos;
  private Map<String, String> known = Map.of();
  private boolean asked;
  private long at;

  /** The answers of this probe, by this clock. */
  Missing(Probe node, LongSupplier nanos) {
    this.node = node;
    this.nanos = nanos;
  }

  @Override
  public Map<String, String> missing() {
    return notOlder(AGE);
  }

  @Override
  public Map<String, String> anew() {
    return notOlder(SOON);
  }

  private synchronized Map<String, String> notOlder(Duration age) {
    if (!asked || nanos.getAsLong() - at >= age.toNanos()) {
      known = Map.copyOf(node.missing());
      asked = true;
      at = nanos.getAsLong();
    }
    return known;
  }
}
