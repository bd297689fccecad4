package io.faultd.bench;

import java.util.Arrays;
import java.util.Locale;

/** Times of one kind of call. */
final class Figures {
  private final long[] nanos;

  Figures(long[] nanos) {
    this.nanos = nanos.clone();
    Arrays.sort(this.nanos);
  }

  /** In milliseconds, the value that {@code share} of all are not above. */
  double quantile(double share) {
    int index = (int) Math.ceil(share * nanos.length) - 1;
    return nanos[Math.clamp(index, 0, nanos.length - 1)] / 1e6;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "p50 %7.2f ms  p99 %7.2f ms  (%d calls)",
        quantile(0.5),
        quantile(0.99),
        nanos.length);
  }
}
