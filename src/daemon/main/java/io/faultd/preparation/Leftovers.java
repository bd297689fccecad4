package io.faultd.preparation;

import io.faultd.experiment.Actor;
import io.faultd.fault.FaultException;
import io.faultd.jvm.AgentLink;
import io.faultd.jvm.JvmProcess;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What a daemon that was killed has left of its preparations. The agents have ended with it; but if
 * it died while it attached, there may be files in a JVM's /tmp, or a mount over it.
 *
 * <p>Their records are ended when that is over, or after two seconds, and name what stays.
 */
final class Leftovers {
  private static final Logger LOG = System.getLogger(LivePreparations.class.getName());
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final LivePreparations.Parts parts;
  private final Making making;
  private final List<String> stays = new CopyOnWriteArrayList<>();

  Leftovers(LivePreparations.Parts parts, Making making) {
    this.parts = parts;
    this.making = making;
  }

  /** Clears up, for a moment at most: the file system of a target may never come back. */
  void clear(List<Preparation> left) {
    if (left.isEmpty()) {
      return;
    }
    long end = System.nanoTime() + PATIENCE.toNanos();
    await(List.of(started("mounts", this::uncover)), end);
    List<Thread> sweeps = new ArrayList<>();
    for (Preparation each : left) {
      sweeps.add(started(each.uid(), () -> sweep(each)));
    }
    await(sweeps, end);
    String error = String.join("; ", "faultd was started anew", String.join("; ", stays));
    for (Preparation each : left) {
      making.write(
          each.now(
              PreparationStatus.REVOKED,
              stays.isEmpty() ? "faultd was started anew" : error,
              Actor.own("recovery"),
              parts.time().now()));
    }
  }

  private static Thread started(String what, Runnable work) {
    return Thread.ofPlatform().daemon().name("faultd-sweep-" + what).start(work);
  }

  private static void await(List<Thread> threads, long end) {
    try {
      for (Thread each : threads) {
        each.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void uncover() {
    try {
      for (String each : AgentLink.uncover(parts.instance(), Procfs.HOST)) {
        stays.add(each + " cannot be taken away: something is mounted over it");
        LOG.log(Level.WARNING, stays.getLast());
      }
    } catch (IOException e) {
      stays.add("mounts: " + e.getMessage());
      LOG.log(Level.WARNING, stays.getLast());
    }
  }

  private void sweep(Preparation left) {
    try {
      Optional<JvmProcess> jvm = parts.jvms().again(left.jvm());
      if (jvm.isPresent()) {
        AgentLink.sweep(jvm.get(), parts.instance(), Procfs.HOST);
      }
    } catch (IOException | FaultException e) {
      LOG.log(Level.WARNING, "preparation {0}: {1}", left.uid(), e.getMessage());
    }
  }
}
