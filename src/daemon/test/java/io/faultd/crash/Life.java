package io.faultd.crash;

import io.faultd.experiment.Experiment;
import io.faultd.experiment.Experiments.Waiting;
import io.faultd.experiment.Order;
import io.faultd.experiment.Status;
import io.faultd.fault.FaultException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** Orders a scenario's experiments one after the other, then destroys them. */
final class Life {
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final long LIMIT_NANOS = 30_000_000_000L;

  private final Scenario scenario;
  private final World world;
  private final Stand stand;
  private final Kind kind;

  /** The experiments, in order. */
  final List<String> uids = new ArrayList<>();

  /** What came of them, as the last answers said. */
  final List<Experiment> answers = new ArrayList<>();

  /** Why some were refused. */
  final List<String> refusals = new ArrayList<>();

  /** Whether all were in place at some time. */
  boolean inPlace;

  /** Whether somebody else wrote while they were in place. */
  boolean edited;

  Life(Scenario scenario, World world, Stand stand, Kind kind) {
    this.scenario = scenario;
    this.world = world;
    this.stand = stand;
    this.kind = kind;
  }

  /** Lives until all are in place, and if {@code destroy} until all have ended. */
  void run(boolean destroy) throws IOException {
    inject();
    if (scenario.tail()) {
      Scenario.write("f").on(world);
      edited = true;
    }
    if (!destroy) {
      return;
    }
    for (String uid : kind.reversed() ? uids.reversed() : uids) {
      if (kind.deadline() == Kind.Deadline.REACHED) {
        expires(uid);
      } else {
        destroy(uid);
      }
    }
  }

  private void inject() {
    inPlace = true;
    List<Scenario.Job> jobs = scenario.jobs().on(world);
    for (Scenario.Job job : jobs) {
      String uid = "case-" + COUNT.incrementAndGet() + "-" + ProcessHandle.current().pid();
      uids.add(uid);
      Map<String, String> flags = new TreeMap<>(job.flags());
      flags.put("async", "true");
      if (kind.deadline() != Kind.Deadline.NONE) {
        flags.put("timeout", "1h");
      }
      if (kind.deadline() == Kind.Deadline.REACHED && uids.size() == jobs.size()) {
        CuttingStore.behindSuccess = Trials::late;
      }
      String scope = flags.containsKey("container-id") ? "cri" : "";
      Order order = new Order(uid, scope, job.target(), job.action(), flags, "", Map.of());
      try {
        stand.engine().create(order, new Waiting(null, () -> false, null));
        inPlace &= injected(uid);
      } catch (FaultException e) {
        refusals.add(String.valueOf(e.getMessage()));
        inPlace = false;
      }
    }
  }

  private boolean injected(String uid) {
    Experiment now = await(uid, record -> record.status() != Status.CREATED);
    if (!now.error().isEmpty()) {
      refusals.add(now.error());
    }
    // one whose deadline has come may have ended before anybody looks
    return now.status() == Status.SUCCESS
        || now.status() == Status.DESTROYED && kind.deadline() == Kind.Deadline.REACHED;
  }

  /** Its deadline has come; what has nothing to undo has no deadline either. */
  private void expires(String uid) {
    Experiment now =
        await(
            uid,
            record ->
                record.status() != Status.SUCCESS
                    || record.undo().equals("none") && record.expires() == null);
    if (now.undo().equals("none")) {
      destroy(uid);
    } else {
      answers.add(now);
    }
  }

  private Experiment await(String uid, Predicate<Experiment> wanted) {
    long deadline = System.nanoTime() + LIMIT_NANOS;
    while (true) {
      if (Cuts.dead()) {
        throw new Cuts.Death();
      }
      Experiment now = stand.record(uid).orElseThrow();
      if (wanted.test(now)) {
        return now;
      }
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(uid + " stays as it is: " + now);
      }
      LockSupport.parkNanos(100_000);
    }
  }

  private void destroy(String uid) {
    aside(() -> {
      try {
        answers.add(stand.engine().destroy(uid, false).experiment());
      } catch (FaultException e) {
        refusals.add(String.valueOf(e.getMessage()));
      }
    });
  }

  /** Runs what waits for others, but does not wait for the dead. */
  static void aside(Runnable work) {
    Thread thread = Thread.ofPlatform().daemon().start(work);
    while (thread.isAlive() && !Cuts.dead()) {
      LockSupport.parkNanos(100_000);
    }
    if (Cuts.dead()) {
      throw new Cuts.Death();
    }
  }
}
