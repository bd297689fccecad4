package io.faultd.testing;

import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Experiments that are remembered and touch nothing.
 *
 * <p>The flag {@code refuse=REASON} makes an order fail before its record, {@code fail=REASON}
 * after it; {@code residue} and {@code busy} make its destroy end so.
 */
public final class MemoryExperiments implements Experiments {
  private final Map<String, Experiment> records = new LinkedHashMap<>();
  private final Map<String, Order> orders = new HashMap<>();
  private final Map<String, Created> answers = new HashMap<>();
  private final List<Change> changes = new ArrayList<>();

  /** The last one that was asked for. */
  public final AtomicReference<Waiting> waiting = new AtomicReference<>();

  /** What orders with the flag {@code settle} wait for. */
  public final CountDownLatch settled = new CountDownLatch(1);

  private @Nullable Order lastOrder;

  /** Those of which something is being undone. */
  public final Set<String> undoing = ConcurrentHashMap.newKeySet();

  /** What {@link #ready} says. */
  public volatile boolean ready = true;

  /** The last one that was taken. */
  public synchronized Order lastOrder() {
    return Objects.requireNonNull(lastOrder);
  }

  @Override
  public boolean ready() {
    return ready;
  }

  @Override
  public Created create(Order order, Waiting waits) {
    Created created = taken(order, waits);
    try {
      if (order.flags().containsKey("settle")) {
        assertTrue(settled.await(60, TimeUnit.SECONDS));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return created;
  }

  private synchronized Created taken(Order order, Waiting waits) {
    waiting.set(waits);
    Created before = answers.get(String.valueOf(waits.idempotencyKey()));
    if (before != null) {
      return new Created(before.experiment(), before.kind(), before.failure(), true);
    }
    refuse(order, "refuse");
    String uid = order.uid() == null ? "%016x".formatted(0xfa0000L + records.size()) : order.uid();
    Experiment known = records.get(uid);
    if (known != null) {
      if (!order.by(Permit.OWN).equals(orders.get(uid)) || !known.status().active()) {
        throw new FaultException(Reason.CONFLICT, uid + ": taken");
      }
      return new Created(known, Created.Kind.EXISTING, null);
    }
    orders.put(uid, order.by(Permit.OWN));
    lastOrder = order;
    boolean async = "true".equals(order.flags().get("async"));
    FaultException failure = null;
    try {
      refuse(order, "fail");
    } catch (FaultException e) {
      failure = e;
    }
    Experiment made = record(uid, order, async, failure);
    keep(made);
    Created answer = new Created(made, async ? Created.Kind.ACCEPTED : Created.Kind.NEW, failure);
    if (waits.idempotencyKey() != null) {
      answers.put(waits.idempotencyKey(), answer);
    }
    return answer;
  }

  private Experiment record(String uid, Order order, boolean async, FaultException failure) {
    Instant now = Instant.now();
    Status status = failure != null ? Status.ERROR : async ? Status.CREATED : Status.SUCCESS;
    return new Experiment(
        uid,
        order.scope().isEmpty() ? "host" : order.scope(),
        order.target(),
        order.action(),
        Map.copyOf(order.flags()),
        Map.copyOf(order.labels()),
        order.description(),
        status,
        failure == null ? "" : failure.getMessage(),
        failure == null ? null : failure.reason(),
        failure == null ? 200 : failure.code(),
        null,
        now,
        now,
        order.flags().containsKey("timeout") ? now.plusSeconds(60) : null,
        "exact",
        null,
        List.of(),
        List.of(),
        new Effect(Effect.State.SETTLED, 50.0, 49.5, "%", null, now, null),
        changes.size() + 1L,
        order.permit().actor());
  }

  private static void refuse(Order order, String flag) {
    String reason = order.flags().get(flag);
    if (reason != null) {
      Reason why = Reason.valueOf(reason);
      throw new FaultException(why, why.code(), "flags." + flag, flag + ": as asked");
    }
  }

  private void keep(Experiment experiment) {
    records.put(experiment.uid(), experiment);
    changes.add(new Change(experiment.seq(), experiment));
    notifyAll();
  }

  /** Moves a record to another state. */
  public synchronized void move(String uid, Status status, List<Residue> residue) {
    Experiment e = records.get(uid);
    keep(moved(e, status, residue, e.effect(), changes.size() + 1L));
  }

  private static Experiment moved(
      Experiment e, Status status, List<Residue> residue, Effect effect, long number) {
    return new Experiment(
        e.uid(),
        e.scope(),
        e.target(),
        e.action(),
        e.flags(),
        e.labels(),
        e.description(),
        status,
        e.error(),
        e.failure(),
        e.code(),
        e.field(),
        e.created(),
        Instant.now(),
        e.expires(),
        e.undo(),
        e.engine(),
        e.warnings(),
        residue,
        effect,
        number,
        e.by());
  }

  /** Says what a record does. */
  public synchronized void effect(String uid, Effect effect) {
    Experiment e = records.get(uid);
    records.put(uid, moved(e, e.status(), e.residue(), effect, e.seq()));
  }

  @Override
  public synchronized Plan plan(Order order) {
    refuse(order, "refuse");
    return new Plan(
        List.of(new Aim("process", "1234", "victim")), List.of("continue it"), List.of(), "exact");
  }

  @Override
  public synchronized Destroyed destroy(String uid, boolean force, Permit permit) {
    Experiment known = records.get(uid);
    if (known == null) {
      throw new FaultException(Reason.UNKNOWN_UID, uid + ": no such experiment");
    }
    if (known.flags().containsKey("busy")) {
      return new Destroyed(known, false);
    }
    List<Residue> left =
        known.flags().containsKey("residue")
            ? List.of(new Residue("mode of /x", Instant.now(), 1, "EPERM"))
            : List.of();
    boolean stays = !left.isEmpty() && !force;
    move(uid, stays ? Status.ERROR : Status.DESTROYED, left);
    return new Destroyed(records.get(uid), !stays);
  }

  @Override
  public synchronized List<Destroyed> destroyAll(Map<String, String> labels, Permit permit) {
    return records.values().stream()
        .filter(e -> e.status().active())
        .filter(e -> e.labels().entrySet().containsAll(labels.entrySet()))
        .toList()
        .stream()
        .map(e -> destroy(e.uid(), false))
        .toList();
  }

  @Override
  public Swept sweep(String uid, Order order) {
    if (!order.action().equals("chmod")) {
      throw new FaultException(Reason.UNKNOWN_UID, uid + ": nothing found");
    }
    return new Swept(List.of("mode of /x"), List.of("process 7"));
  }

  @Override
  public synchronized Optional<Experiment> get(String uid) {
    return Optional.ofNullable(records.get(uid));
  }

  @Override
  public synchronized List<Experiment> unended() {
    return records.values().stream()
        .filter(e -> e.status().active() || !e.residue().isEmpty())
        .toList();
  }

  @Override
  public synchronized Stream<Experiment> list(Query query) {
    Comparator<Experiment> oldest = Comparator.comparing(Experiment::created);
    return records.values().stream()
        .filter(e -> query.uid() == null || e.uid().equals(query.uid()))
        .filter(e -> query.target() == null || e.target().equals(query.target()))
        .filter(e -> query.actions() == null || query.actions().contains(e.action()))
        .filter(e -> query.flag() == null || e.flag().contains(query.flag()))
        .filter(e -> query.status() == null || e.status() == query.status())
        .filter(e -> e.labels().entrySet().containsAll(query.labels().entrySet()))
        .sorted(query.ascending() ? oldest : oldest.reversed())
        .skip(query.offset())
        .limit(query.limit())
        .toList()
        .stream();
  }

  @Override
  public synchronized List<Change> changes(String uid, long after, int limit, Duration wait) {
    long end = System.nanoTime() + wait.toNanos();
    while (true) {
      List<Change> next =
          changes.stream()
              .filter(c -> c.seq() > after)
              .filter(c -> uid == null || c.experiment().uid().equals(uid))
              .limit(limit)
              .toList();
      long left = end - System.nanoTime();
      if (!next.isEmpty() || left <= 0) {
        return next;
      }
      try {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return List.of();
      }
    }
  }

  @Override
  public boolean ended(String uid, long seq) {
    return !undoing.contains(uid)
        && get(uid).map(last -> last.over() && last.seq() <= seq).orElse(true);
  }

  @Override
  public synchronized long lastChange() {
    return changes.size();
  }
}
