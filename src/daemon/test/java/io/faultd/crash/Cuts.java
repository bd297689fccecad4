package io.faultd.crash;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The instants of a life: before and after each durable write and each change, numbered from 0. At
 * one of them something happens.
 *
 * <p>After a death nothing more is written or changed by whoever is still running.
 */
public final class Cuts {
  private static final List<String> SEEN = new ArrayList<>();
  private static final Set<Thread> DEAD = ConcurrentHashMap.newKeySet();
  private static int chosen = -1;
  private static boolean armed;
  private static volatile boolean dead;
  private static volatile @Nullable Runnable action;

  private Cuts() {}

  /** Unwinds whoever runs when the daemon dies. */
  public static final class Death extends Error {
    private static final long serialVersionUID = 1;

    Death() {
      super("dead", null, false, false);
    }
  }

  /** Counts from now on, and acts at an instant. */
  public static synchronized void arm(int instant, Runnable what) {
    SEEN.clear();
    chosen = instant;
    action = what;
    armed = true;
  }

  /** Counts no more; who was dead may live again. Returns the instants that were seen. */
  public static synchronized List<String> disarm() {
    armed = false;
    dead = false;
    action = null;
    return List.copyOf(SEEN);
  }

  /** Dies here. */
  public static void die() {
    dead = true;
    throw new Death();
  }

  /** Whether the caller must not do anything any more. */
  public static boolean dead() {
    return dead || DEAD.contains(Thread.currentThread());
  }

  /** The threads of this daemon died with it, and stay dead when others live again. */
  public static void bury() {
    Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("faultd-"))
        .forEach(DEAD::add);
  }

  /** Before or after something durable happens. */
  public static void instant(String what) {
    if (dead()) {
      throw new Death();
    }
    Runnable now = due(what);
    if (now != null) {
      now.run();
    }
  }

  private static synchronized @Nullable Runnable due(String what) {
    if (!armed) {
      return null;
    }
    SEEN.add(what);
    return SEEN.size() - 1 == chosen ? action : null;
  }
}
