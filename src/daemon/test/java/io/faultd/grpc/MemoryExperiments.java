package io.faultd.grpc;

import io.faultd.experiment.Change;
import io.faultd.experiment.Created;
import io.faultd.experiment.Destroyed;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Experiments;
import io.faultd.experiment.Order;
import io.faultd.experiment.Permit;
import io.faultd.experiment.Plan;
import io.faultd.experiment.Query;
import io.faultd.experiment.Residue;
import io.faultd.experiment.Status;
import io.faultd.fault.Aim;
import io.faultd.fault.Effect;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Experiments that do nothing. The flag {@code fail} names a reason to be refused for, {@code late}
 * one to fail for after the record was made; {@code slow} waits until the client gives up.
 */
final class MemoryExperiments implements Experiments {
  final AtomicBoolean ready = new AtomicBoolean(true);
  final AtomicReference<Waiting> lastWaiting = new AtomicReference<>();
  final AtomicInteger gaveUp = new AtomicInteger();
  final AtomicInteger watchers = new AtomicInteger();

  private final Map<String, Experiment> records = new LinkedHashMap<>();
  private final List<Change> changes = new ArrayList<>();
  private final Map<String, Experiment> unseen = new HashMap<>();

  @Override
  public boolean ready() {
    return ready.get();
  }

  @Override
  public Created create(Order order, Waiting waiting) {
    lastWaiting.set(waiting);
    String fail = order.flags().get("fail");
    if ("BUG".equals(fail)) {
      throw new IllegalStateException("secret of the inside");
    }
    if (fail != null) {
      throw failure(fail);
    }
    if (order.flags().containsKey("long")) {
      String text = order.flags().getOrDefault("long", "");
      throw new FaultException(Reason.ILLEGAL_PARAMETER, 46000, text, text);
    }
    if (order.flags().containsKey("slow")) {
      // parks: a virtual thread that spins keeps others from running
      while (!waiting.gaveUp().getAsBoolean()) {
        LockSupport.parkNanos(1_000_000);
      }
      gaveUp.incrementAndGet();
      throw new FaultException(Reason.INJECT_FAILED, "client gave up");
    }
    String uid = order.uid() == null ? "%016x".formatted(records.size()) : order.uid();
    String late = order.flags().get("late");
    Experiment experiment =
        record(order, uid, late == null ? Status.SUCCESS : Status.ERROR, List.of());
    return new Created(experiment, Created.Kind.NEW, late == null ? null : failure(late));
  }

  private static FaultException failure(String reason) {
    Reason known = Reason.valueOf(reason);
    return new FaultException(known, known.code(), "fail", "fail: \u00e4 100%\n" + reason);
  }

  /** Makes a record of {@code target} as if it were there for long. */
  Experiment record(Order order, String uid, Status status, List<Residue> residue) {
    Instant now = Instant.ofEpochSecond(1_800_000_000, 5);
    Experiment experiment =
        new Experiment(
            uid,
            "host",
            order.target(),
            order.action(),
            order.flags(),
            order.labels(),
            order.description(),
            status,
            "",
            null,
            200,
            null,
            now,
            now,
            now.plusSeconds(60),
            "exact",
            null,
            List.of("a warning"),
            residue,
            new Effect(Effect.State.SETTLED, 50.0, 49.5, "%", null, now, null),
            lastChange() + 1,
            order.permit().actor());
    put(experiment);
    return experiment;
  }

  /** It is no more, as if it had been there for long. */
  synchronized void forget(String uid) {
    records.remove(uid);
  }

  /** From now on its changes are on disk, and not seen yet. */
  synchronized void hide(String uid) {
    unseen.put(uid, records.get(uid));
  }

  synchronized void show(String uid) {
    unseen.remove(uid);
  }

  private synchronized void put(Experiment experiment) {
    records.put(experiment.uid(), experiment);
    changes.add(new Change(experiment.seq(), experiment));
    notifyAll();
  }

  @Override
  public Plan plan(Order order) {
    return new Plan(
        List.of(new Aim("process", "1", "init")), List.of("a step"), List.of("other"), "none");
  }

  @Override
  public Destroyed destroy(String uid, boolean force, Permit permit) {
    Experiment old =
        get(uid).orElseThrow(() -> new FaultException(Reason.UNKNOWN_UID, "no such: " + uid));
    boolean left = !old.residue().isEmpty() && !force;
    Order order =
        new Order(
            uid, "host", old.target(), old.action(), old.flags(), old.description(), old.labels());
    return new Destroyed(
        record(
            order, uid, left ? Status.ERROR : Status.DESTROYED, left ? old.residue() : List.of()),
        true);
  }

  @Override
  public List<Destroyed> destroyAll(Map<String, String> labels, Permit permit) {
    List<String> uids;
    synchronized (this) {
      uids =
          records.values().stream()
              .filter(e -> e.labels().entrySet().containsAll(labels.entrySet()))
              .filter(e -> e.status().active() || !e.residue().isEmpty())
              .map(Experiment::uid)
              .toList();
    }
    return uids.stream().map(uid -> destroy(uid, false)).toList();
  }

  @Override
  public Swept sweep(String uid, Order order) {
    return new Swept(List.of("a file"), List.of("a mode"));
  }

  @Override
  public synchronized Optional<Experiment> get(String uid) {
    return Optional.ofNullable(unseen.getOrDefault(uid, records.get(uid)));
  }

  @Override
  public synchronized List<Experiment> unended() {
    return records.values().stream()
        .map(e -> unseen.getOrDefault(e.uid(), e))
        .filter(e -> e.status().active() || !e.residue().isEmpty())
        .toList();
  }

  @Override
  public synchronized Stream<Experiment> list(Query query) {
    List<Experiment> all = new ArrayList<>(records.values());
    List<Experiment> sorted = query.ascending() ? all : all.reversed();
    return sorted.stream()
        .dropWhile(e -> query.after() != null && !e.uid().equals(query.after()))
        .skip(query.after() == null ? 0 : 1)
        .filter(e -> query.uid() == null || query.uid().equals(e.uid()))
        .filter(e -> query.target() == null || query.target().equals(e.target()))
        .filter(e -> query.actions() == null || query.actions().contains(e.action()))
        .filter(e -> query.status() == null || query.status() == e.status())
        .filter(e -> e.labels().entrySet().containsAll(query.labels().entrySet()))
        .skip(query.offset())
        .limit(query.limit())
        .toList()
        .stream();
  }

  @Override
  public synchronized List<Change> changes(
      @Nullable String uid, long after, int limit, Duration wait) {
    watchers.incrementAndGet();
    try {
      List<Change> found = since(uid, after, limit);
      if (found.isEmpty() && !wait.isZero()) {
        wait(wait.toMillis());
        found = since(uid, after, limit);
      }
      return found;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }

  private List<Change> since(@Nullable String uid, long after, int limit) {
    return changes.stream()
        .filter(change -> change.seq() > after)
        .filter(change -> uid == null || uid.equals(change.experiment().uid()))
        .limit(limit)
        .toList();
  }

  @Override
  public boolean ended(String uid, long seq) {
    return get(uid).map(last -> last.over() && last.seq() <= seq).orElse(true);
  }

  @Override
  public synchronized long lastChange() {
    return changes.isEmpty() ? 0 : changes.getLast().seq();
  }
}
