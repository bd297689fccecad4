package io.faultd.preparation;

import io.faultd.linux.proc.ProcessIdentity;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The JVMs that are, or are about to be, prepared; each is worked on by one thread at a time. */
final class Sites {
  private final Map<ProcessIdentity, Site> all = new ConcurrentHashMap<>();
  private volatile Runnable came = () -> {};

  /** Work on one JVM. */
  @FunctionalInterface
  interface Work<T extends @Nullable Object, E extends Exception> {
    /** Does it. */
    T on(Site site) throws E;
  }

  /** Works on one JVM, when it is this thread's turn. */
  <T extends @Nullable Object, E extends Exception> T work(ProcessIdentity jvm, Work<T, E> work)
      throws E {
    while (true) {
      Site site = all.computeIfAbsent(jvm, each -> new Site());
      came.run();
      site.turn.lock();
      try {
        if (all.get(jvm) == site) {
          return work.on(site);
        }
      } finally {
        if (site.record() == null) {
          all.remove(jvm, site);
        }
        site.turn.unlock();
      }
    }
  }

  /** The same if nobody else works on it at the deadline, in nanoTime. */
  <E extends Exception> void attempt(ProcessIdentity jvm, long deadline, Work<?, E> work) throws E {
    Site site = all.get(jvm);
    if (site != null && locked(site, deadline)) {
      try {
        work(jvm, work);
      } finally {
        site.turn.unlock();
      }
    }
  }

  private static boolean locked(Site site, long deadline) {
    try {
      return site.turn.tryLock(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Those that somebody works on, or has prepared. */
  List<ProcessIdentity> jvms() {
    return List.copyOf(all.keySet());
  }

  /** Whether there are none. */
  boolean none() {
    return all.isEmpty();
  }

  /** Tells this whenever somebody works on one. */
  void tell(Runnable told) {
    came = told;
  }

  /** Those that are there now. */
  List<Site> all() {
    return List.copyOf(all.values());
  }
}
