package io.faultd.grpc;

import io.faultd.experiment.Change;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Experiments;
import io.faultd.v1.WatchExperimentsResponse;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One client that watches.
 *
 * <p>Reads on only when the client has taken what was sent, so that a slow one costs a waiting
 * virtual thread and nothing else.
 */
final class Watch {
  private static final int MOST_LOOKS = 10;
  private static final int BATCH = 100;
  private static final Duration PAUSE = Duration.ofMillis(500);

  private final Experiments experiments;
  private final @Nullable String uid;
  private final BooleanSupplier gaveUp;
  private final Runnable stays;
  private final StreamObserver<WatchExperimentsResponse> out;

  /** Numbers of what was sent as present state: older changes of the same are not news. */
  private final Map<String, Long> sent = new HashMap<>();

  Watch(
      Experiments experiments,
      @Nullable String uid,
      BooleanSupplier gaveUp,
      Runnable stays,
      StreamObserver<WatchExperimentsResponse> out) {
    this.experiments = experiments;
    this.uid = uid;
    this.gaveUp = gaveUp;
    this.stays = stays;
    this.out = out;
  }

  /**
   * Sends until the experiment has ended, or the client is gone or not let in any more.
   *
   * @param after send changes with greater numbers; 0: the present state first
   * @return whether the client still listens
   */
  boolean run(long after) {
    long seen = after;
    if (after == 0) {
      seen = experiments.lastChange();
      if (present()) {
        return true;
      }
    }
    while (!gaveUp.getAsBoolean() && !Thread.currentThread().isInterrupted()) {
      stays.run();
      List<Change> changes = experiments.changes(uid, seen, BATCH, PAUSE);
      for (Change change : changes) {
        seen = change.seq();
        if (sentAndOver(change)) {
          return true;
        }
      }
      if (changes.isEmpty() && overSince(seen)) {
        return true;
      }
    }
    return false;
  }

  /** Sends a change that is news; returns whether nothing more will come. */
  private boolean sentAndOver(Change change) {
    Experiment experiment = change.experiment();
    if (change.seq() <= sent.getOrDefault(experiment.uid(), 0L)) {
      return false;
    }
    send(change.seq(), experiment);
    return uid != null && experiment.over();
  }

  /** Sends what is there now; returns whether there is nothing more to come. */
  private boolean present() {
    if (uid != null) {
      Experiment experiment = experiments.get(uid).orElseThrow();
      send(experiment.seq(), experiment);
      sent.put(uid, experiment.seq());
      return experiment.over();
    }
    // what changes its state meanwhile may be missed in both: look until nothing is new
    boolean news = true;
    for (int look = 0; news && look < MOST_LOOKS; look++) {
      news = unsent();
    }
    return false;
  }

  /** Sends what has not ended and was not sent; whether there was any. */
  private boolean unsent() {
    boolean news = false;
    Iterator<Experiment> each = experiments.unended().iterator();
    while (!gaveUp.getAsBoolean() && each.hasNext()) {
      Experiment experiment = each.next();
      Long before = sent.get(experiment.uid());
      if (!experiment.over() && (before == null || before < experiment.seq())) {
        send(experiment.seq(), experiment);
        sent.put(experiment.uid(), experiment.seq());
        news = true;
      }
    }
    return news;
  }

  /** A client that resumes after the end has been told everything. */
  private boolean overSince(long seen) {
    return uid != null && experiments.get(uid).map(e -> e.over() && e.seq() <= seen).orElse(true);
  }

  private void send(long seq, Experiment experiment) {
    if (!gaveUp.getAsBoolean()) {
      stays.run(); // whoever reads slowly may have been here for long
      out.onNext(
          WatchExperimentsResponse.newBuilder()
              .setSeq(seq)
              .setRecord(Messages.of(experiment))
              .build());
    }
  }
}
