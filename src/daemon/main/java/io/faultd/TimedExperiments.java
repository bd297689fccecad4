package io.faultd;

import io.faultd.experiment.Change;
import io.faultd.experiment.Created;
import io.faultd.experiment.Destroyed;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Experiments;
import io.faultd.experiment.Order;
import io.faultd.experiment.Permit;
import io.faultd.experiment.Plan;
import io.faultd.experiment.Query;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.helidon.metrics.api.Counter;
import io.helidon.metrics.api.MeterRegistry;
import io.helidon.metrics.api.Tag;
import io.helidon.metrics.api.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Experiments of which it is measured how long making one takes, as whoever orders it sees it, and
 * taking one back, whoever wants it: with the journal.
 */
final class TimedExperiments implements Experiments {
  static final Duration[] BUCKETS =
      Stream.of(1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 60_000)
          .map(Duration::ofMillis)
          .toArray(Duration[]::new);

  private final Experiments timed;
  private final MeterRegistry registry;

  TimedExperiments(Experiments timed, MeterRegistry registry) {
    this.timed = timed;
    this.registry = registry;
    // from the start: of what begins with its first increment no rise is seen
    Stream.of(Reason.values()).forEach(this::refused);
    failed();
  }

  @Override
  public Created create(Order order, Waiting waiting) {
    long begin = System.nanoTime();
    try {
      Created created = timed.create(order, waiting);
      if (created.kind() == Created.Kind.NEW && !created.replayed()) {
        FaultException failure = created.failure();
        String outcome = failure == null ? "success" : "error";
        timer("faultd_inject", "Making an experiment", created.experiment(), outcome)
            .record(Duration.ofNanos(System.nanoTime() - begin));
        if (failure != null) {
          tell(failure.reason());
        }
      }
      return created;
    } catch (FaultException refused) {
      refused(refused.reason()).increment();
      throw refused;
    }
  }

  /** An order for which nobody waited has failed. */
  void failed(Experiment record) {
    tell(record.failure() == null ? Reason.INJECT_FAILED : record.failure());
  }

  private void tell(Reason reason) {
    boolean worked = worked(reason);
    if (worked) {
      failed().increment();
    }
    // a journal that breaks has an alert, whenever that is
    if (!worked || reason == Reason.STORE_UNAVAILABLE) {
      refused(reason).increment();
    }
  }

  /**
   * Whether it failed at its work, rather than being refused before, with a record or without, or
   * being without its target meanwhile.
   */
  private static boolean worked(Reason reason) {
    return reason == Reason.INJECT_FAILED
        || reason == Reason.RESIDUE
        || reason == Reason.STORE_UNAVAILABLE;
  }

  private Counter refused(Reason reason) {
    return registry.getOrCreate(
        Counter.builder("faultd_orders_refused")
            .description(
                "Orders that were refused, or whose target ended while they were carried out")
            .tags(List.of(Tag.create("reason", reason.name()))));
  }

  private Counter failed() {
    return registry.getOrCreate(
        Counter.builder("faultd_injects_failed")
            .description("Orders that failed while they were carried out"));
  }

  @Override
  public Destroyed destroy(String uid, boolean force, Permit permit) {
    long begin = System.nanoTime();
    Destroyed destroyed = timed.destroy(uid, force, permit);
    unfinished(destroyed, begin);
    return destroyed;
  }

  @Override
  public List<Destroyed> destroyAll(Map<String, String> labels, Permit permit) {
    long begin = System.nanoTime();
    List<Destroyed> all = timed.destroyAll(labels, permit);
    all.forEach(each -> unfinished(each, begin));
    return all;
  }

  /** What goes on behind its answer may hang, and would never be told of. */
  private void unfinished(Destroyed destroyed, long begin) {
    if (!destroyed.finished()) {
      undo(destroyed.experiment(), "unfinished", Duration.ofNanos(System.nanoTime() - begin));
    }
  }

  /** An experiment was taken back, by an order or otherwise, or some of it could not be. */
  void undone(Experiment record, Duration time) {
    undo(record, record.residue().isEmpty() ? "success" : "residue", time);
  }

  private void undo(Experiment record, String outcome, Duration time) {
    timer("faultd_undo", "Taking an experiment back", record, outcome).record(time);
  }

  private Timer timer(String name, String what, Experiment of, String outcome) {
    return registry.getOrCreate(
        Timer.builder(name)
            .description(what)
            .buckets(BUCKETS)
            .tags(
                List.of(
                    Tag.create("target", of.target()),
                    Tag.create("action", of.action()),
                    Tag.create("outcome", outcome))));
  }

  /** Measures something that is forgotten at once. */
  void rehearse(Experiment experiment) {
    Timer timer = timer("faultd_rehearsal", "A rehearsal", experiment, "success");
    timer.record(Duration.ZERO);
    registry.remove(timer);
  }

  @Override
  public boolean ready() {
    return timed.ready();
  }

  @Override
  public Plan plan(Order order) {
    return timed.plan(order);
  }

  @Override
  public Swept sweep(String uid, Order order) {
    return timed.sweep(uid, order);
  }

  @Override
  public Optional<Experiment> get(String uid) {
    return timed.get(uid);
  }

  @Override
  public List<Experiment> unended() {
    return timed.unended();
  }

  @Override
  public Stream<Experiment> list(Query query) {
    return timed.list(query);
  }

  @Override
  public List<Change> changes(@Nullable String uid, long after, int limit, Duration wait) {
    return timed.changes(uid, after, limit, wait);
  }

  @Override
  public boolean ended(String uid, long seq) {
    return timed.ended(uid, seq);
  }

  @Override
  public long lastChange() {
    return timed.lastChange();
  }
}
