package io.faultd.grpc;

import io.faultd.experiment.Change;
import io.faultd.experiment.Experiment;
import io.faultd.experiment.Experiments;
import io.faultd.v1.WatchExperimentsResponse;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
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
    long seen = after == 0 ? present() : after;
    while (!gaveUp.getAsBoolean() && !Thread.currentThread().isInterrupted()) {
      if (uid != null && experiments.ended(uid, seen)) {
        return true;
      }
      stays.run();
      for (Change change : experiments.changes(uid, seen, BATCH, PAUSE)) {
        seen = change.seq();
        news(change);
      }
    }
    return false;
  }

  private void news(Change change) {
    String whose = change.experiment().uid();
    if (change.seq() > sent.getOrDefault(whose, 0L)) {
      send(change.seq(), change.experiment());
      sent.computeIfPresent(whose, (each, before) -> change.seq());
    }
  }

  /** Sends what is there now; returns the number behind which news begin. */
  private long present() {
    if (uid != null) {
      Experiment experiment = experiments.get(uid).orElseThrow();
      send(experiment.seq(), experiment);
      return experiment.seq();
    }
    long last = experiments.lastChange();
    // what changes its state meanwhile may be missed in both: look until nothing is new
    boolean news = true;
    for (int look = 0; news && look < MOST_LOOKS; look++) {
      news = unsent();
    }
    // a change is on disk, and counted above, a moment before an experiment is seen to have it
    Map.copyOf(sent)
        .forEach((each, seq) ->
            experiments.changes(each, seq, BATCH, Duration.ZERO).forEach(this::news));
    return last;
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
