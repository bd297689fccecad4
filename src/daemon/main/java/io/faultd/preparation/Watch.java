package io.faultd.preparation;

import io.faultd.experiment.Ending;
import io.faultd.fault.FaultException;
import io.faultd.jvm.AgentLink;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;

/**
 * Looks once a second whether prepared JVMs are still there, lets their agents know of us, and
 * writes what could not be written before. A node without any of that is not woken up for it.
 */
final class Watch {
  private static final Logger LOG = System.getLogger(Watch.class.getName());

  /** A third of the lease that agents are given, and less. */
  private static final int TICKS_PER_PING = 8;

  private static final long HOUR = TimeUnit.HOURS.toNanos(1);

  /** One that is stopped must not keep the others waiting. */
  private static final Duration PATIENCE = Duration.ofMillis(50);

  private static final Duration END = Duration.ofSeconds(1);

  private final Sites sites;
  private final BiConsumer<Site, AgentLink> lost;
  private final Left left;
  private final Runnable hourly;
  private final BooleanSupplier caughtUp;
  private final Thread thread =
      Thread.ofPlatform().daemon().name("faultd-preparations").unstarted(this::run);
  private volatile boolean asleep;
  private volatile boolean closed;

  /** Is told what stays in the classes of a JVM, when it is its turn to be worked on. */
  @FunctionalInterface
  interface Left {
    /**
     * Keeps it.
     *
     * @param what for people; empty: nothing does any more
     */
    void keep(Site site, AgentLink link, String what);
  }

  Watch(
      Sites sites,
      BiConsumer<Site, AgentLink> lost,
      Left left,
      Runnable hourly,
      BooleanSupplier caughtUp) {
    this.sites = sites;
    this.lost = lost;
    this.left = left;
    this.hourly = hourly;
    this.caughtUp = caughtUp;
    sites.tell(this::wake);
  }

  void start() {
    thread.start();
  }

  private void run() {
    long due = System.nanoTime();
    for (int tick = 1; !closed; tick++) {
      if (System.nanoTime() - due >= 0) {
        guarded("old preparations stay", hourly);
        due = System.nanoTime() + HOUR;
      }
      for (Site site : sites.all()) {
        AgentLink link = site.link();
        if (link != null) {
          look(site, link, tick % TICKS_PER_PING == 0);
        }
      }
      LockSupport.parkNanos(this, TimeUnit.SECONDS.toNanos(1));
      awaitSites(due);
    }
  }

  private void awaitSites(long due) {
    asleep = true; // before the look: who comes behind that sees it
    for (long left = 1; left > 0 && idle() && !closed; left = due - System.nanoTime()) {
      LockSupport.parkNanos(this, Math.max(1, due - System.nanoTime()));
    }
    asleep = false;
  }

  private boolean idle() {
    return caughtUp.getAsBoolean() && sites.none();
  }

  /** A JVM has come. */
  private void wake() {
    if (asleep) {
      LockSupport.unpark(thread);
    }
  }

  /** The watch goes on whatever this is. */
  private static void guarded(String otherwise, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "{0}: {1}", otherwise, e.getMessage());
    }
  }

  private void look(Site site, AgentLink link, boolean ping) {
    try {
      if (link.ended()) {
        lost.accept(site, link);
      } else if (ping) {
        compare(site, link, link.ping(PATIENCE));
      }
    } catch (FaultException silent) {
      // its experiments tell; the next ping comes
    } catch (IOException | RuntimeException e) {
      LOG.log(Level.WARNING, "{0}: {1}", link.jvm(), e.getMessage());
    }
  }

  /** While somebody else works there it waits for the next ping. */
  private void compare(Site site, AgentLink link, String stays) {
    Preparation record = site.record();
    if (record != null && !record.error().equals(stays)) {
      sites.attempt(
          link.jvm().process(),
          System.nanoTime(),
          same -> {
            left.keep(same, link, stays);
            return same;
          });
    }
  }

  /** Ends it. */
  void close(Ending ending) {
    closed = true;
    LockSupport.unpark(thread);
    ending.join(thread, END);
  }
}
