package io.faultd.experiment;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** All owners that are at work, by uid; no more than the operator allows. Thread-safe. */
final class Owners {
  private static final Logger LOG = System.getLogger(Owners.class.getName());

  private final int most;
  private final ThreadFactory threads;
  private final ConcurrentHashMap<String, Owner> byUid = new ConcurrentHashMap<>();
  private final AtomicInteger places = new AtomicInteger();
  private final Queue<Owner> waiting = new ConcurrentLinkedQueue<>();
  private volatile Runnable came = () -> {};

  Owners(int most, ThreadFactory threads) {
    this.most = most;
    this.threads = threads;
  }

  @Nullable Owner of(String uid) {
    return byUid.get(uid);
  }

  /** What is stored, or what its owner knows beyond that: how the fault does now. */
  Experiment latest(Experiment stored) {
    Owner owner = of(stored.uid());
    return owner == null || owner.standing().record().status() != stored.status()
        ? stored
        : owner.standing().record();
  }

  Collection<Owner> all() {
    return byUid.values();
  }

  /** Whether there are none. */
  boolean idle() {
    return byUid.isEmpty() && waiting.isEmpty();
  }

  /** Tells this of each that comes. */
  void tell(Runnable told) {
    came = told;
  }

  /**
   * Takes a place for one that comes.
   *
   * @param lasting whether it stays in place; what is finished when it is made takes none
   * @throws FaultException LIMIT if there is none
   */
  void reserve(boolean lasting) {
    if (lasting && places.incrementAndGet() > most) {
      places.decrementAndGet();
      throw new FaultException(
          Reason.LIMIT,
          most + " experiments are in place, limits.experiments allows no more; destroy one first");
    }
  }

  /** Gives a place back that was not needed. */
  void release(boolean lasting) {
    if (lasting) {
      places.decrementAndGet();
    }
  }

  /** Whether something stays in place: all that an undo is promised for. */
  private static boolean lasting(Owner owner) {
    return !owner.standing().record().undo().equals("none");
  }

  /** Takes a place for one that was found at start, whatever the limit. */
  void found(Owner owner) {
    if (lasting(owner)) {
      places.incrementAndGet();
    }
    byUid.put(owner.uid(), owner);
    came.run();
  }

  /**
   * Starts an owner on a thread of its own; its place was taken before.
   *
   * @throws OutOfMemoryError if this node has no more threads (pids.max, memory)
   */
  void start(Owner owner) {
    byUid.put(owner.uid(), owner);
    came.run();
    Thread thread = threads.newThread(owner);
    thread.setName("faultd-" + owner.uid());
    thread.start();
  }

  /** The same for one that was found at start and must be undone: later, if it cannot be now. */
  void startOrWait(Owner owner) {
    try {
      start(owner);
    } catch (OutOfMemoryError e) {
      LOG.log(Level.ERROR, "experiment {0}: waits for a thread: {1}", owner.uid(), e.getMessage());
      waiting.add(owner);
    }
  }

  /** Starts those that waited for a thread, as far as there are threads now. */
  void startWaiting() {
    for (int left = waiting.size(); left > 0; left--) {
      Owner next = waiting.poll();
      if (next != null) {
        startOrWait(next);
      }
    }
  }

  /** An owner has nothing more to do. */
  void ended(Owner owner) {
    if (byUid.remove(owner.uid(), owner)) {
      release(lasting(owner));
    }
  }

  /** Asks all of these to end, and waits together; what they came to. */
  Map<Owner, Boolean> end(Predicate<Owner> these, Standing.Cause why, Actor who, Duration limit) {
    Map<Owner, Integer> asked = new LinkedHashMap<>();
    for (Owner owner : byUid.values()) {
      if (these.test(owner)) {
        asked.put(owner, owner.standing().end(why, false, who));
      }
    }
    long end = System.nanoTime() + limit.toNanos();
    Map<Owner, Boolean> tried = new LinkedHashMap<>();
    asked.forEach((owner, number) -> {
      Duration left = Duration.ofNanos(Math.max(1, end - System.nanoTime()));
      tried.put(owner, owner.standing().awaitEnd(left, number));
    });
    return tried;
  }
}
