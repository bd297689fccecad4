package io.faultd.preparation;

import io.faultd.experiment.Actor;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.jvm.AgentLink;
import io.faultd.jvm.JvmProcess;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What a daemon that was killed has left of its preparations. The agents have ended with it; but if
 * it died while it attached, there may be files in a JVM's /tmp, or a mount over it.
 *
 * <p>A record ends when all of that has been looked at, however long it takes, and names what
 * stays. Until then the next start would look again.
 */
final class Leftovers implements AutoCloseable {
  private static final Logger LOG = System.getLogger(LivePreparations.class.getName());

  /** A start waits for no more than this. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private static final Duration AGAIN = Duration.ofSeconds(1);

  private final LivePreparations.Parts parts;
  private final LateRecords records;
  private final Procfs procfs;
  private final List<String> stays = new CopyOnWriteArrayList<>();
  private final Set<String> open = ConcurrentHashMap.newKeySet();
  private final CountDownLatch closed = new CountDownLatch(1);

  Leftovers(LivePreparations.Parts parts, LateRecords records, Procfs procfs) {
    this.parts = parts;
    this.records = records;
    this.procfs = procfs;
  }

  /** Clears up; waits a moment at most, as the file system of a target may never come back. */
  void clear(List<Preparation> left) {
    if (left.isEmpty()) {
      return;
    }
    left.forEach(each -> open.add(each.uid()));
    Thread mounts = started("mounts", this::uncover);
    List<Thread> sweeps = new ArrayList<>();
    for (Preparation each : left) {
      sweeps.add(
          started(
              each.uid(),
              () -> {
                mounts.join();
                sweep(each);
              }));
    }
    long end = System.nanoTime() + PATIENCE.toNanos();
    try {
      for (Thread each : sweeps) {
        each.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (String each : open) {
      LOG.log(Level.WARNING, "preparation {0} ends when what is left of it has been seen", each);
    }
  }

  /**
   * Refuses one that has not ended though its agent has.
   *
   * @throws FaultException CONFLICT
   */
  void check(String uid) {
    if (open.contains(uid)) {
      throw new FaultException(
          Reason.CONFLICT,
          Reason.CONFLICT.code(),
          "uid",
          "preparation "
              + uid
              + " is of a daemon that was killed, and what is left of it is being"
              + " looked for; it ends by itself then");
    }
  }

  /** Work that may wait. */
  @FunctionalInterface
  private interface Work {
    void run() throws InterruptedException;
  }

  private static Thread started(String what, Work work) {
    return Thread.ofPlatform()
        .daemon()
        .name("faultd-sweep-" + what)
        .start(() -> {
          try {
            work.run();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // by nobody
          }
        });
  }

  private void uncover() throws InterruptedException {
    String told = "";
    do {
      try {
        for (String each : AgentLink.uncover(parts.instance(), procfs)) {
          stays.add(each + " cannot be taken away: something is mounted over it");
          LOG.log(Level.WARNING, stays.getLast());
        }
        return;
      } catch (IOException | UncheckedIOException e) {
        String why = String.valueOf(e.getMessage());
        if (!why.equals(told)) {
          LOG.log(Level.WARNING, "mounts over /tmp of JVMs: {0}; tried again", why);
        }
        told = why;
      }
    } while (!closed.await(AGAIN.toMillis(), TimeUnit.MILLISECONDS));
  }

  private void sweep(Preparation left) throws InterruptedException {
    try {
      Optional<JvmProcess> jvm = parts.jvms().again(left.jvm());
      if (jvm.isPresent()) {
        AgentLink.sweep(jvm.get(), parts.instance(), procfs);
      }
    } catch (IOException | UncheckedIOException | FaultException e) {
      LOG.log(Level.WARNING, "preparation {0}: {1}", left.uid(), e.getMessage());
    }
    if (closed.getCount() > 0) {
      end(left);
    }
  }

  private void end(Preparation left) {
    String error = String.join("; ", "faultd was started anew", String.join("; ", stays));
    Preparation ended =
        left.now(
            PreparationStatus.REVOKED,
            stays.isEmpty() ? "faultd was started anew" : error,
            Actor.own("recovery"),
            parts.time().now());
    records.write(ended);
    open.remove(left.uid());
  }

  /** What has not been looked at by now is left to the next start. */
  @Override
  public void close() {
    closed.countDown();
  }
}
