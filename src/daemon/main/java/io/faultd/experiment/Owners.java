package io.faultd.experiment;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** All owners that are at work, by uid; no more than the operator allows. Thread-safe. */
final class Owners {
  private static final long STACK = 512 * 1024;

  private final int most;
  private final ConcurrentHashMap<String, Owner> byUid = new ConcurrentHashMap<>();
  private final AtomicInteger places = new AtomicInteger();

  Owners(int most) {
    this.most = most;
  }

  @Nullable Owner of(String uid) {
    return byUid.get(uid);
  }

  Collection<Owner> all() {
    return byUid.values();
  }

  /**
   * Takes a place for one that comes.
   *
   * @param lasting whether it stays in place; what is finished when it is made counts for no cap
   * @throws FaultException LIMIT if there is none
   */
  void reserve(boolean lasting) {
    if (places.incrementAndGet() > most && lasting) {
      places.decrementAndGet();
      throw new FaultException(
          Reason.LIMIT,
          most + " experiments are in place, limits.experiments allows no more; destroy one first");
    }
  }

  /** Gives a place back that was not needed. */
  void release() {
    places.decrementAndGet();
  }

  /** Takes a place for one that was found at start, whatever the limit. */
  void found(Owner owner) {
    places.incrementAndGet();
    byUid.put(owner.uid(), owner);
  }

  /** Starts an owner on a thread of its own; its place was taken before. */
  void start(Owner owner) {
    byUid.put(owner.uid(), owner);
    Thread.ofPlatform().name("faultd-" + owner.uid()).stackSize(STACK).daemon().start(owner);
  }

  /** An owner has nothing more to do. */
  void ended(Owner owner) {
    if (byUid.remove(owner.uid(), owner)) {
      places.decrementAndGet();
    }
  }

  /** Asks all of these to end, and waits together; what they came to. */
  Map<Owner, Boolean> end(Predicate<Owner> these, Standing.Cause why, Duration limit) {
    Map<Owner, Integer> asked = new LinkedHashMap<>();
    for (Owner owner : byUid.values()) {
      if (these.test(owner)) {
        asked.put(owner, owner.standing().end(why, false));
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
