package io.faultd.experiment;

import io.faultd.dispatch.Dispatch;
import io.faultd.dispatch.Dispatcher;
import io.faultd.fault.FaultException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the last daemon left. Each experiment has its owner again, which undoes it; but one whose
 * record cannot be read is left alone, with its claims held, until somebody gives it up.
 */
final class Recovery {
  private static final Logger LOG = System.getLogger(Recovery.class.getName());

  private final Dispatcher dispatcher;
  private final Engine.Parts parts;
  private final Owners owners;
  private final Map<String, Unfinished> unreadable = new ConcurrentHashMap<>();

  Recovery(Dispatcher dispatcher, Engine.Parts parts, Owners owners) {
    this.dispatcher = dispatcher;
    this.parts = parts;
    this.owners = owners;
  }

  /** Finds all, and waits for them; what takes longer goes on behind it. Returns how many. */
  int run(Duration limit) {
    List<Owner> found = new ArrayList<>();
    parts
        .store()
        .unfinished()
        .forEach(unfinished -> {
          String uid = unfinished.experiment().uid();
          parts.claims().restore(uid, unfinished.claims());
          if (unfinished.readable()) {
            found.add(found(unfinished));
          } else {
            LOG.log(Level.ERROR, "experiment {0}: {1}", uid, unfinished.experiment().error());
            unreadable.put(uid, numbered(unfinished));
          }
        });
    found.forEach(owners::startOrWait);
    long end = System.nanoTime() + limit.toNanos();
    found.forEach(owner -> owner.awaitRecovery(Duration.ofNanos(end - System.nanoTime())));
    return found.size();
  }

  private Unfinished numbered(Unfinished unfinished) {
    return new Unfinished(
        unfinished.experiment().numbered(parts.store().lastChange()),
        unfinished.steps(),
        unfinished.claims(),
        unfinished.deadline(),
        unfinished.readable());
  }

  private Owner found(Unfinished unfinished) {
    Dispatch dispatch = parts.rules().resume() ? dispatched(unfinished.experiment()) : null;
    Owner owner = Owner.found(unfinished, dispatch, parts, parts.rules().resume());
    owners.found(owner);
    return owner;
  }

  private @Nullable Dispatch dispatched(Experiment record) {
    try {
      return dispatcher.dispatch(record.scope(), record.target(), record.action(), record.flags());
    } catch (FaultException e) {
      LOG.log(
          Level.WARNING, "experiment {0}: cannot be resumed: {1}", record.uid(), e.getMessage());
      return null;
    }
  }

  /**
   * What stands in for the records that cannot be read. None says which change was its last: as of
   * the last of all, they are so.
   */
  Stream<Experiment> unreadable() {
    return unreadable.values().stream().map(Unfinished::experiment);
  }

  /**
   * Gives an experiment whose record cannot be read an owner after all; absent: it is none.
   *
   * @throws FaultException FORBIDDEN: what it touches, nobody knows
   */
  @Nullable Owner taken(String uid, Permit permit) {
    if (!unreadable.containsKey(uid)) {
      return null;
    }
    permit.checkUnbounded(Records.UNREADABLE);
    Unfinished unfinished = unreadable.remove(uid);
    if (unfinished == null) {
      return null;
    }
    Owner owner = found(unfinished);
    owners.startOrWait(owner);
    return owner;
  }
}
