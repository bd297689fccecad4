package io.faultd.experiment;

import io.faultd.dispatch.Dispatch;
import io.faultd.experiment.Standing.Cause;
import io.faultd.fault.CancelledException;
import io.faultd.fault.Effect;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that injects and undoes one experiment. Others ask it to end and wait for what
 * comes of it.
 *
 * <pre>
 *   fresh ──inject──▶ in place ──destroy, deadline, lost──▶ undo ──▶ ended
 *     └──failed, destroyed──────────────────────────────────▲ │
 *   found at start ─────────────────────────────────────────┘ └─▶ residue, tried again
 * </pre>
 */
final class Owner implements Runnable {
  private static final Logger LOG = System.getLogger(Owner.class.getName());
  private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Engine.Parts parts;
  private final Ledger ledger;
  private final @Nullable Dispatch dispatch;
  private final boolean found;
  private final boolean resume;
  private final Standing standing;

  private volatile @Nullable LiveInjection injection;
  private long lastTick = System.nanoTime();
  private volatile @Nullable Deadline deadline;
  private final Retry retry = new Retry(System.nanoTime());

  /** An owner of a new experiment, whose record is on disk. */
  Owner(Experiment created, Dispatch dispatch, Engine.Parts parts) {
    this(created, dispatch, parts, new Ledger(created.uid(), parts, List.of()), null, false);
  }

  private Owner(
      Experiment record,
      @Nullable Dispatch dispatch,
      Engine.Parts parts,
      Ledger ledger,
      @Nullable Unfinished unfinished,
      boolean resume) {
    this.standing = new Standing(record, parts.undone());
    this.dispatch = dispatch;
    this.parts = parts;
    this.ledger = ledger;
    this.found = unfinished != null;
    this.deadline = unfinished == null ? null : unfinished.deadline(dispatch, parts.time());
    this.resume = resume;
  }

  /**
   * An owner of an experiment that was found at start: undoes it, and injects it anew if {@code
   * resume}.
   */
  static Owner found(
      Unfinished unfinished, @Nullable Dispatch dispatch, Engine.Parts parts, boolean resume) {
    Experiment record = unfinished.experiment();
    Ledger ledger = new Ledger(record.uid(), parts, unfinished.steps());
    return new Owner(record, dispatch, parts, ledger, unfinished, resume);
  }

  String uid() {
    return standing.record().uid();
  }

  /** Ends what no thread can be had for, and of which nothing was begun. */
  void unstarted(FaultException why) {
    finish(new Edit(view()).status(Status.ERROR).failure(why));
    tell();
    parts.ended().accept(this);
  }

  /** What others may know and ask. */
  Standing standing() {
    return standing;
  }

  private Experiment view() {
    return standing.record();
  }

  @Override
  public void run() {
    guarded(found ? this::recover : this::inject, this::postpone);
    while (!standing.ended() && !stopped()) {
      standing.sleep(nextWake() - System.nanoTime());
      guarded(this::step, this::postpone);
    }
    LiveInjection last = injection;
    if (last != null) {
      last.close();
    }
    parts.ended().accept(this);
  }

  /** A defect of ours must not leave an experiment without an owner: it is tried again. */
  private void guarded(Runnable work, Runnable otherwise) {
    try {
      work.run();
    } catch (RuntimeException | LinkageError | VirtualMachineError e) {
      LOG.log(Level.ERROR, "experiment " + view().uid() + ": its owner failed", e);
      otherwise.run();
    }
  }

  /** Ends an injection that takes longer than it may. */
  void hurry() {
    LiveInjection on = injection; // none while what is to be injected anew is taken back
    if (on != null && on.slow() && !standing.cancelled()) {
      standing.endInjection(Cause.TOO_SLOW);
    }
  }

  /** Waits until what was found at start was dealt with. */
  boolean awaitRecovery(Duration limit) {
    return standing.await(
        limit,
        record ->
            standing.ended()
                || standing.triedOnce()
                || injection != null && record.status() == Status.SUCCESS,
        () -> false);
  }

  // ---- injecting

  private void inject() {
    Dispatch order = Objects.requireNonNull(dispatch);
    LiveInjection on = new LiveInjection(view().uid(), order, parts, ledger, this::cancelled);
    injection = on;
    try {
      on.inject();
      succeed(on);
    } catch (CancelledException e) {
      unwind(on, Standing.why(standing.cause(), parts.rules().inject()));
    } catch (FaultException | IOException | UncheckedIOException e) {
      unwind(on, on.told(e instanceof FaultException why ? why : failed(e.getMessage())));
    } catch (RuntimeException | LinkageError | VirtualMachineError e) {
      LOG.log(Level.ERROR, "experiment " + view().uid() + ": the fault failed", e);
      unwind(on, on.told(failed("internal error: " + e)));
    } finally {
      on.leaveJoins();
    }
  }

  /** Whether it is to end; what is injected anew has its deadline already. */
  private boolean cancelled() {
    if (expired()) {
      standing.endInjection(Cause.DEADLINE);
    }
    return standing.cancelled();
  }

  private void succeed(LiveInjection on) {
    Effect effect = ledger.look(on.asked(), Effect.State.GONE); // what is not seen is not claimed
    if (effect.state() == Effect.State.GONE) {
      throw failed(effect.detail());
    }
    Edit edit =
        new Edit(view())
            .status(Status.SUCCESS)
            .effect(effect)
            .warn(on.warnings())
            .engine(on.engine());
    Instant now = parts.time().now();
    if (ledger.isEmpty()) {
      // nothing is in place that could end: finished when it is made
      Experiment closed = parts.store().close(edit.at(now), List.of());
      parts.claims().free(closed.uid());
      publish(closed, true);
      return;
    }
    Duration timeout = Objects.requireNonNull(dispatch).common().timeout();
    if (view().expires() == null && timeout != null) {
      deadline = Deadline.in(timeout, parts.time());
      edit.expires(now.plus(timeout));
    }
    Experiment success = parts.store().succeed(edit.at(now), ledger.completed(), deadline);
    on.succeeded();
    publish(success, false);
  }

  private static FaultException failed(@Nullable String why) {
    return new FaultException(Reason.INJECT_FAILED, String.valueOf(why));
  }

  private void unwind(LiveInjection on, FaultException why) {
    on.leaveJoins();
    boolean destroyed = standing.cause() == Cause.DESTROY || standing.cause() == Cause.DEADLINE;
    Edit edit = new Edit(view()).warn(on.warnings()).failure(destroyed ? null : why);
    finish(edit.status(destroyed ? Status.DESTROYED : Status.ERROR));
    tell();
  }

  /** A client that did not wait will not count its failure. */
  private void tell() {
    boolean failed = !found && view().status() == Status.ERROR;
    if (failed && Objects.requireNonNull(dispatch).common().async()) {
      parts.failed().accept(view());
    }
  }

  // ---- in place

  private long nextWake() {
    if (view().status() != Status.SUCCESS || standing.cancelled()) {
      return retry.due();
    }
    long now = System.nanoTime();
    long left = lastTick + TICK_NANOS - now;
    Deadline at = deadline;
    return now
        + (at != null && at.bootId().equals(parts.time().bootId())
            ? Math.min(left, at.boottime() - parts.time().boottime())
            : left);
  }

  private void step() {
    if (view().status() == Status.CREATED) {
      finish(new Edit(view()).status(Status.ERROR));
    } else if (view().status() != Status.SUCCESS) {
      finish(new Edit(view()));
    } else if (standing.cancelled()) {
      leave();
    } else if (expired()) {
      standing.end(Cause.DEADLINE, false);
    } else {
      lastTick = System.nanoTime();
      guarded(this::watch, () -> {}); // the next look is due anyway, and puts off no undo
    }
  }

  /** Whether faultd stops and the last try was made. */
  private boolean stopped() {
    return standing.stopping() && view().status() != Status.SUCCESS;
  }

  private boolean expired() {
    Deadline at = deadline;
    return at != null && at.passed(parts.time());
  }

  private void watch() {
    repeat();
    if (standing.cancelled()) {
      return;
    }
    LiveInjection on = injection;
    Optional<String> gone = on == null ? Optional.empty() : on.gone();
    Effect effect =
        gone.isPresent()
            ? ledger.lost(view().effect(), gone.get())
            : ledger.look(view().effect(), Effect.State.DEGRADED);
    if (effect.state() == Effect.State.GONE) {
      FaultException why = failed(effect.detail());
      Edit edit = new Edit(view()).effect(effect).failure(why).status(Status.ERROR);
      publish(written(edit.by(Actor.own("watch")).at(parts.time().now())), false);
      finish(new Edit(view()));
    } else if (effect.state() != view().effect().state()) {
      publish(written(new Edit(view()).effect(effect).at(parts.time().now())), false);
    } else {
      Experiment now = new Edit(view()).effect(effect).at(view().updated());
      standing.publish(now, false);
    }
  }

  private void repeat() {
    LiveInjection on = injection;
    List<String> warnings = on == null ? List.of() : on.repeat();
    if (!view().warnings().containsAll(warnings)) { // a round that fails as the last did is no news
      publish(written(new Edit(view()).warn(warnings).at(parts.time().now())), false);
    }
  }

  // ---- ending

  private void leave() {
    if (standing.cause() == Cause.SHUTDOWN && parts.rules().resume() && resumable()) {
      ledger.takeBack(false);
      if (ledger.residue().isEmpty()) {
        ledger.forget();
        publish(view(), true);
        return;
      }
    }
    finish(new Edit(view()).status(Status.DESTROYED));
  }

  private boolean resumable() {
    return dispatch != null && dispatch.spec().resumable();
  }

  private void recover() {
    Status wanted =
        switch (view().status()) {
          case SUCCESS, DESTROYED -> Status.DESTROYED;
          case CREATED, ERROR -> Status.ERROR;
        };
    Edit edit = new Edit(view());
    if (view().status() == Status.CREATED) {
      edit.failure(failed("faultd ended while it was being injected"));
    }
    if (resume && resumable() && view().status() == Status.SUCCESS && !expired()) {
      ledger.takeBack(false);
      if (ledger.residue().isEmpty()) {
        again();
        return;
      }
    }
    finish(edit.status(wanted));
  }

  private void again() {
    Edit anew = new Edit(view()).status(Status.CREATED).by(Actor.own("recovery"));
    try {
      publish(parts.store().again(anew.at(parts.time().now()), ledger.unmarked()), false);
    } catch (FaultException e) {
      finish(new Edit(view()).status(Status.DESTROYED));
      return;
    }
    ledger.marked();
    ledger.forget();
    inject();
  }

  /** Takes everything back; ends if that worked, else keeps the residue for the next try. */
  private void finish(Edit edit) {
    boolean hadResidue = !view().residue().isEmpty();
    standing.trying(found || view().status() != Status.CREATED);
    ledger.takeBack(standing.force());
    List<Residue> residue = ledger.residue();
    edit.warn(ledger.warnings()).residue(residue).by(standing.author(found));
    Instant now = parts.time().now();
    if (!residue.isEmpty()) {
      publish(
          written(edit.status(Status.ERROR).failure(Records.stuck(edit.at(now))).at(now)), false);
      postpone();
      return;
    }
    if (hadResidue || (standing.cause() == Cause.DESTROY && view().status() == Status.ERROR)) {
      edit.status(Status.DESTROYED);
      if (view().failure() == Reason.RESIDUE) {
        edit.failure(null);
      }
    }
    edit.effect(Effect.of(Effect.State.GONE, now)).expires(view().expires());
    try {
      Experiment closed = parts.store().close(edit.at(now), ledger.unmarked());
      ledger.marked();
      parts.claims().free(view().uid());
      publish(closed, true);
    } catch (FaultException e) {
      // undone all the same: the answer says so, and the mark is made as soon as it can be
      edit.warn(List.of("undone, but not written to disk yet: " + e.getMessage()));
      publish(edit.at(now), false);
      postpone();
    }
  }

  private void postpone() {
    retry.failed(System.nanoTime());
    standing.tried();
  }

  /** Writes a change if the disk lets us; the life goes on without. */
  private Experiment written(Experiment record) {
    try {
      return parts.store().update(record);
    } catch (FaultException e) {
      LOG.log(Level.WARNING, "experiment {0}: not written: {1}", record.uid(), e.getMessage());
      return record;
    }
  }

  private void publish(Experiment record, boolean last) {
    if (last) {
      // before anybody is told, so that there is room again when a destroy is answered
      parts.ended().accept(this);
    }
    standing.publish(record, last);
    parts.pulse().beat(record.seq());
  }
}
