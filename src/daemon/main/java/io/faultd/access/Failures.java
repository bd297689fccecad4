package io.faultd.access;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Counts failed logins by where they come from, so that nobody can try tokens at leisure.
 * Thread-safe; holds a bounded number of places.
 */
final class Failures {
  private static final int MOST = 10;
  private static final long WINDOW = Duration.ofMinutes(1).toNanos();
  private static final int PLACES = 4_096;

  private final LongSupplier nanos;
  private final Map<String, Window> windows =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Window> eldest) {
          return size() > PLACES;
        }
      };

  private static final class Window {
    long began;
    int failures;
  }

  Failures(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** How long that place must wait; nothing if it need not. */
  synchronized Optional<Duration> barred(String place) {
    Window window = windows.get(place);
    if (window == null || window.failures < MOST) {
      return Optional.empty();
    }
    long left = window.began + WINDOW - nanos.getAsLong();
    if (left <= 0) {
      windows.remove(place);
      return Optional.empty();
    }
    return Optional.of(Duration.ofNanos(left));
  }

  /** One more failed there. */
  synchronized void failed(String place) {
    Window window = windows.computeIfAbsent(place, key -> new Window());
    long now = nanos.getAsLong();
    if (window.failures == 0 || now - window.began > WINDOW) {
      window.began = now;
      window.failures = 0;
    }
    window.failures++;
  }
}
