package io.faultd.port;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The threads that wait for what one connection brings. Thread-safe. */
final class Waits {
  /** Of a connection that wakes its threads itself, as those of HTTP/1.1. */
  static final Waits ENDLESS = new Waits();

  private final Set<Wait> waits = new HashSet<>();
  private boolean over;

  /** One more, which does not wait yet. */
  Wait add(Thread thread, Runnable told, Duration patience) {
    Wait wait = new Wait(this, thread, told, patience);
    if (!added(wait)) {
      wait.gone();
    }
    return wait;
  }

  private synchronized boolean added(Wait wait) {
    return !over && (this == ENDLESS || waits.add(wait));
  }

  synchronized void remove(Wait wait) {
    waits.remove(wait);
  }

  /** Whether the connection is gone. */
  synchronized boolean over() {
    return over;
  }

  /** The connection is gone. */
  void end() {
    List<Wait> left;
    synchronized (this) {
      over = true;
      left = List.copyOf(waits);
      waits.clear();
    }
    left.forEach(Wait::gone);
  }
}
