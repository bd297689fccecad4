package io.faultd.experiment;

import io.faultd.fault.Effect;
import io.faultd.fault.FaultException;
import io.faultd.fault.Hold;
import io.faultd.fault.Injection.Ticket;
import io.faultd.fault.Undo;
import io.faultd.rollback.Outcome;
import io.faultd.rollback.Rollback;
import io.faultd.rollback.Sighting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What one experiment has announced and holds, in order; takes all of it back in reverse.
 *
 * <p>Used by the experiment's owner thread only.
 */
final class Ledger {
  /** How something is gone, as it says itself. */
  private static final Pattern HOW = Pattern.compile("^(target-)?gone: ");

  private static final Logger LOG = System.getLogger(Ledger.class.getName());

  /** Steps undone but not marked so yet: restart undoes them again, which is harmless. */
  private static final int MARKS_AT_ONCE = 500;

  private sealed interface Entry {}

  /** Something held; {@code tries} counts how often it could not be let go of. */
  private record Held(String what, Hold hold, Tries tries) implements Entry {}

  private static final class Step implements Entry, Ticket {
    private StoredStep stored;
    private boolean complete;
    private boolean over;
    private boolean marked;
    private boolean givenUp;
    private boolean needed;
    private final Tries tries = new Tries();

    Step(StoredStep stored) {
      this.stored = stored;
    }
  }

  private final String uid;
  private final Store store;
  private final Rollback rollback;
  private final Joins joins;
  private final Time time;
  private final Judgement judgement;
  private final List<Entry> entries = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private int marksDue;

  Ledger(String uid, Engine.Parts parts, List<StoredStep> found) {
    this.uid = uid;
    this.store = parts.store();
    this.rollback = parts.rollback();
    this.joins = parts.joins();
    this.time = parts.time();
    this.judgement = new Judgement(time);
    found.forEach(step -> entries.add(new Step(step)));
  }

  /** Adds steps that are on disk now. */
  List<Ticket> announced(List<? extends Undo> steps, List<Integer> numbers) {
    List<Ticket> tickets = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      Step step = new Step(new StoredStep(uid, numbers.get(i), time.bootId(), steps.get(i), ""));
      entries.add(step);
      tickets.add(step);
    }
    return tickets;
  }

  /** Completes a step; returns what to write. */
  StoredStep made(Ticket ticket, Undo undo) {
    Step step = (Step) ticket;
    step.stored =
        new StoredStep(uid, step.stored.number(), step.stored.bootId(), undo, step.stored.raw());
    step.complete = true;
    return step.stored;
  }

  /** An announced step as it is when others have become a part of it. */
  StoredStep whole(Ticket ticket, Undo undo) {
    StoredStep old = ((Step) ticket).stored;
    return new StoredStep(uid, old.number(), old.bootId(), undo, old.raw());
  }

  /** The number of an announced step. */
  int number(Ticket ticket) {
    return ((Step) ticket).stored.number();
  }

  /** Two steps are one. */
  void merged(Ticket ticket, Ticket earlier, Undo whole) {
    Step step = (Step) earlier;
    step.stored = whole(earlier, whole);
    step.complete = true;
    entries.remove((Step) ticket);
  }

  void hold(String what, Hold hold) {
    entries.add(new Held(what, hold, new Tries()));
  }

  /** Whether there is nothing to take back. */
  boolean isEmpty() {
    return entries.stream().allMatch(entry -> entry instanceof Step step && step.over);
  }

  /** Steps that were completed since they were announced. */
  List<StoredStep> completed() {
    return steps().filter(step -> step.complete).map(step -> step.stored).toList();
  }

  /** Warnings since the last call. */
  List<String> warnings() {
    List<String> now = List.copyOf(warnings);
    warnings.clear();
    return now;
  }

  /**
   * How the fault does, from the victim.
   *
   * @param asked what was asked for; figures are filled in from holds
   * @param unknown what it is if a step cannot be looked at
   */
  Effect look(Effect asked, Effect.State unknown) {
    List<String> lost = new ArrayList<>();
    List<String> unseen = new ArrayList<>();
    boolean changed = false;
    int all = 0;
    Effect figures = null;
    for (Entry entry : entries) {
      if (entry instanceof Step step && step.over) {
        continue; // of an injection before the daemon was started anew
      }
      all++;
      switch (entry) {
        case Held held -> {
          Effect effect = effect(held, unseen);
          if (effect == null) {
            continue;
          }
          if (effect.state() == Effect.State.GONE) {
            String detail = effect.detail() == null ? "ended" : effect.detail();
            lost.add(HOW.matcher(detail).replaceFirst(""));
            changed |= !detail.startsWith(Judgement.TARGET_GONE);
          }
          figures = effect;
        }
        case Step step -> {
          Undo undo = step.stored.undo();
          Sighting sighting = undo == null ? Sighting.PRESENT : look(undo, unseen);
          switch (sighting) {
            case PRESENT -> {}
            case ASIDE -> all--;
            case TARGET_GONE -> lost.add("target gone: " + step.stored.describe());
            case TARGET_AWAY -> lost.add("target not mounted: " + step.stored.describe());
            case CHANGED -> {
              changed = true;
              lost.add("changed by others: " + step.stored.describe());
            }
          }
        }
      }
    }
    Effect judged = judgement.of(asked, all, lost, changed, figures);
    return unseen.isEmpty() || judged.state() == Effect.State.GONE
        ? judged
        : judgement.become(judged, unknown, unseen.getFirst());
  }

  /** How the fault does, its target being no more. */
  Effect lost(Effect asked, String why) {
    return judgement.become(asked, Effect.State.GONE, Judgement.TARGET_GONE + why);
  }

  /** A defect of one hold must not leave the experiment without anybody who watches it. */
  private @Nullable Effect effect(Held held, List<String> unseen) {
    try {
      return held.hold.effect();
    } catch (UncheckedIOException e) { // for want of descriptors, which says nothing about it
      unseen.add("%s cannot be looked at: %s".formatted(held.what, e.getMessage()));
      return null;
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "experiment " + uid + ": a hold does not say how it does", e);
      return new Effect(Effect.State.GONE, null, null, null, null, time.now(), e.toString());
    }
  }

  private Sighting look(Undo undo, List<String> unseen) {
    try {
      return rollback.look(undo);
    } catch (IOException | UncheckedIOException e) {
      unseen.add("%s cannot be looked at: %s".formatted(undo.describe(), e.getMessage()));
      return Sighting.PRESENT;
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "experiment " + uid + ": cannot look at " + undo.describe(), e);
      return Sighting.CHANGED;
    }
  }

  /**
   * Takes back all that is left, in reverse; a failure stops nothing but what it needs.
   *
   * @param force give up what cannot be taken back
   */
  void takeBack(boolean force) {
    marksDue = 0;
    List<Step> left = new ArrayList<>();
    try (Turn turn = new Turn(uid, store, joins)) {
      for (int i = entries.size() - 1; i >= 0; i--) {
        switch (entries.get(i)) {
          case Held held -> {
            if (letGo(held, force)) {
              entries.remove(i);
            }
          }
          case Step step -> {
            if (!step.over) {
              takeBack(step, left, turn, force);
              marksDue += step.over && !step.marked ? 1 : 0;
            }
            if (!step.over || step.givenUp) {
              left.add(step);
            }
          }
        }
        if (marksDue >= MARKS_AT_ONCE) {
          mark();
        }
      }
    }
  }

  /** Whether nothing of it is left, or it was given up. */
  private boolean letGo(Held held, boolean force) {
    Optional<String> left;
    try {
      held.hold.close();
      left = held.hold.left();
    } catch (RuntimeException | LinkageError | VirtualMachineError e) {
      LOG.log(Level.ERROR, "experiment " + uid + ": a hold did not let go", e);
      left = Optional.of(e.toString());
    }
    left.ifPresent(why -> held.tries.failed(why, time.now()));
    if (left.isPresent() && force) {
      warnings.add("given up: " + held.what + ": " + left.get());
    }
    return left.isEmpty() || force;
  }

  /**
   * Takes one step back, unless another needs what it made: without that, the other could never be
   * taken back.
   *
   * @param left later steps that are still in place
   */
  private void takeBack(Step step, List<Step> left, Turn turn, boolean force) {
    Optional<Step> later = left.stream().filter(each -> carries(step, each)).findFirst();
    step.needed = later.isPresent();
    if (later.isPresent()) {
      String why = "stays as long as this: " + later.get().stored.describe();
      settle(step, new Outcome.Stuck(why), force);
      return;
    }
    takeBack(step, turn, force);
  }

  private static boolean carries(Step step, Step later) {
    Undo undo = step.stored.undo();
    Undo above = later.stored.undo();
    return undo != null && above != null && undo.carries(above);
  }

  private void takeBack(Step step, Turn turn, boolean force) {
    Optional<String> join =
        step.stored.undo() == null ? Optional.empty() : step.stored.undo().joins();
    turn.take(join);
    settle(step, attempt(step, turn, force), force);
    if (join.isPresent() && step.over) {
      turn.left(step.stored);
      mark();
    }
  }

  private Outcome attempt(Step step, Turn turn, boolean force) {
    Undo undo = step.stored.undo();
    if (undo == null) {
      return new Outcome.Stuck("made by a newer version of faultd; this one cannot undo it");
    }
    if (undo.over(step.stored.bootId(), time.bootId())) {
      return new Outcome.Undone();
    }
    try {
      return rollback.undo(undo, turn.company(step.stored), force);
    } catch (RuntimeException | LinkageError | VirtualMachineError e) {
      // one step's failure, foreseen or not, must not keep the others from being undone
      return new Outcome.Stuck(e.toString());
    }
  }

  private void settle(Step step, Outcome outcome, boolean force) {
    switch (outcome) {
      case Outcome.Undone undone -> step.over = true;
      case Outcome.Conflict conflict -> {
        warnings.add(conflict.warning());
        step.over = true;
      }
      case Outcome.Stuck stuck -> {
        step.tries.failed(stuck.error(), time.now());
        if (force) {
          warnings.add("given up: " + step.stored.describe() + ": " + stuck.error());
          step.over = true;
          step.givenUp = true;
        }
      }
    }
  }

  /** What could not be taken back yet; what only waits for another comes last. */
  List<Residue> residue() {
    Instant now = time.now();
    Stream<Residue> held =
        entries.stream()
            .filter(entry -> entry instanceof Held each && each.tries.any())
            .map(Held.class::cast)
            .map(each -> each.tries.residue(each.what, now));
    Stream<Residue> stuck =
        steps()
            .filter(step -> !step.over && step.tries.any())
            .sorted(Comparator.comparing(step -> step.needed))
            .map(step -> step.tries.residue(step.stored.describe(), now));
    return Stream.concat(held, stuck).toList();
  }

  /** Numbers of steps that are undone and not marked so yet. */
  List<Integer> unmarked() {
    return steps()
        .filter(step -> step.over && !step.marked)
        .map(step -> step.stored.number())
        .toList();
  }

  /**
   * Marks and forgets what is undone, when that is all; whether it did. If not, the next start
   * undoes it again, which is harmless.
   */
  boolean forget() {
    mark();
    if (!unmarked().isEmpty()) {
      return false;
    }
    entries.clear();
    return true;
  }

  /** The store knows what is undone. */
  void marked() {
    steps()
        .filter(step -> step.over)
        .forEach(step -> {
          step.marked = true;
          joins.marked(uid, step.stored.number());
        });
  }

  private void mark() {
    marksDue = 0;
    try {
      store.undone(uid, unmarked());
      marked();
    } catch (FaultException e) {
      // they stay unmarked: the owner marks them when it closes the record, or later
      marksDue = Integer.MIN_VALUE;
      LOG.log(Level.WARNING, "experiment {0}: steps not marked yet: {1}", uid, e.getMessage());
    }
  }

  private Stream<Step> steps() {
    return entries.stream().filter(Step.class::isInstance).map(Step.class::cast);
  }
}
