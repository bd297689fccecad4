package io.faultd.experiment;

import io.faultd.dispatch.Dispatch;
import io.faultd.fault.Aim;
import io.faultd.fault.Base;
import io.faultd.fault.CancelledException;
import io.faultd.fault.Claim;
import io.faultd.fault.Effect;
import io.faultd.fault.FaultException;
import io.faultd.fault.Hold;
import io.faultd.fault.Injection;
import io.faultd.fault.Reason;
import io.faultd.fault.Target;
import io.faultd.fault.Undo;
import io.faultd.linux.Mark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** An injection for real: what is announced goes to disk, what is held to the ledger. */
final class LiveInjection implements Injection {
  private static final long FIRST_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(200);
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** Changes to make again and again. */
  private record Repeated(Duration interval, Change change) {}

  private final String uid;
  private final Dispatch dispatch;
  private final Engine.Parts parts;
  private final Ledger ledger;
  private final BooleanSupplier cancelled;
  private final List<Claim> claimed = new ArrayList<>();
  private final List<Claim> unwritten = new ArrayList<>();
  private final Map<String, Base> bases = new LinkedHashMap<>();
  private final List<Store.Member> left = new ArrayList<>();
  private final List<String> entered = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private final long began = System.nanoTime();
  private int marks;
  private boolean success;
  private boolean irrevocable;
  private long nextRepeat;
  private @Nullable Repeated repeated;
  private Effect asked;
  private @Nullable String engine;
  private @Nullable Target target;

  LiveInjection(
      String uid, Dispatch dispatch, Engine.Parts parts, Ledger ledger, BooleanSupplier cancelled) {
    this.uid = uid;
    this.dispatch = dispatch;
    this.parts = parts;
    this.ledger = ledger;
    this.cancelled = cancelled;
    this.asked = Effect.of(Effect.State.RAMPING, parts.time().now());
  }

  @Override
  public String id() {
    return uid;
  }

  @Override
  public Mark mark() {
    return new Mark(parts.store().instance(), uid, ++marks);
  }

  @Override
  public Target target() {
    if (target == null) {
      throw new IllegalStateException("asked for its target before that was found");
    }
    return target;
  }

  /** Puts the fault in place, where its target is now. */
  void inject() throws IOException {
    Target found = dispatch.find();
    target = found;
    check();
    found.aim().ifPresent(this::aim);
    dispatch.inject(this);
    check();
  }

  /** Why its target is no more; empty: it is there. */
  Optional<String> gone() {
    try {
      return target == null ? Optional.empty() : target.gone();
    } catch (UncheckedIOException unseen) {
      return Optional.empty(); // for want of descriptors, which says nothing about it
    }
  }

  /**
   * What to tell of a failure: if the target is no more, that, for whatever could not be read or
   * changed could not because of it. Unless it may be the fault itself that ended it.
   */
  FaultException told(FaultException why) {
    boolean consequence =
        switch (why.reason()) {
          case INJECT_FAILED, UNSUPPORTED -> !irrevocable;
          case BAD_REQUEST,
              MISSING_PARAMETER,
              ILLEGAL_PARAMETER,
              UNAUTHENTICATED,
              FORBIDDEN,
              UNKNOWN_ACTION,
              UNKNOWN_UID,
              TARGET_NOT_FOUND,
              CONFLICT,
              LIMIT,
              STORE_UNAVAILABLE,
              RESIDUE ->
              false;
        };
    if (!consequence) {
      return why;
    }
    String said = String.valueOf(why.getMessage());
    return said.startsWith(Judgement.TARGET_GONE)
        ? new FaultException(Reason.TARGET_NOT_FOUND, said)
        : gone()
            .map(ended -> Judgement.TARGET_GONE + ended + ": " + said)
            .map(text -> new FaultException(Reason.TARGET_NOT_FOUND, text))
            .orElse(why);
  }

  /** Lets go of the target. */
  void close() {
    if (target != null) {
      target.close();
    }
  }

  @Override
  public void aim(Aim aim) {
    guarded(aim)
        .ifPresent(why -> {
          throw new FaultException(
              Reason.FORBIDDEN,
              Reason.FORBIDDEN.code(),
              "allow-protected",
              "%s %s (%s) is protected: %s; name it in allow-protected to touch it all the same"
                  .formatted(aim.kind(), aim.id(), aim.name(), why));
        });
  }

  @Override
  public Optional<String> guarded(Aim aim) {
    return parts.guard().guards(aim, dispatch.common().allowProtected());
  }

  @Override
  public void claim(List<Claim> claims) {
    check();
    parts.claims().take(uid, claims);
    claimed.addAll(claims);
    unwritten.addAll(claims);
  }

  @Override
  public void join(String key, BaseReading base) throws IOException {
    check();
    if (!entered.contains(key)) {
      parts.joins().enter(key, cancelled);
      entered.add(key);
    }
    if (alone(parts, key)) {
      bases.put(key, base.read());
      parts.store().members(key).stream()
          .filter(each -> !each.member().undone())
          .forEach(left::add);
    }
  }

  /** Whether nobody is in a shared thing whose undo needs the base that is on disk. */
  static boolean alone(Engine.Parts parts, String key) {
    return parts.store().base(key).isEmpty() || members(parts, key).isEmpty();
  }

  @Override
  public List<Undo> members(String key) {
    return members(parts, key);
  }

  static List<Undo> members(Engine.Parts parts, String key) {
    String boot = parts.time().bootId();
    return parts.store().members(key).stream()
        .filter(each -> !each.member().undone() && !parts.joins().isLeft(each.uid(), each.number()))
        .filter(each -> !each.member().step().over(each.bootId(), boot))
        .map(each -> each.member().step())
        .toList();
  }

  @Override
  public List<Ticket> undo(List<? extends Undo> steps) {
    check();
    lasting(parts, steps);
    List<Integer> numbers =
        parts
            .store()
            .announce(
                new Store.Announcement(
                    uid,
                    parts.time().bootId(),
                    steps,
                    List.copyOf(unwritten),
                    List.copyOf(left),
                    Map.copyOf(bases)));
    unwritten.clear();
    left.clear();
    bases.clear();
    return ledger.announced(steps, numbers);
  }

  /**
   * Sees to it that a way back cannot be lost.
   *
   * @throws FaultException UNSUPPORTED if the data folder does not outlive what the steps change
   */
  static void lasting(Engine.Parts parts, List<? extends Undo> steps) {
    Optional<String> ephemeral = parts.store().ephemeral();
    if (ephemeral.isPresent()
        && steps.stream().anyMatch(step -> step.lifetime() == Undo.Lifetime.DISK)) {
      throw new FaultException(
          Reason.UNSUPPORTED,
          "the data folder "
              + ephemeral.get()
              + ", so the way back of a changed file could be lost; use a lasting data.dir, or set"
              + " data.ephemeral: true");
    }
  }

  @Override
  public void made(Ticket ticket, Undo step) {
    StoredStep complete = ledger.made(ticket, step);
    if (success) {
      parts.store().made(complete);
    }
  }

  @Override
  public void merged(Ticket ticket, Ticket earlier, Undo whole) {
    // on disk first: else both would be taken for one here, and for two there
    parts.store().merged(ledger.whole(earlier, whole), ledger.number(ticket));
    ledger.merged(ticket, earlier, whole);
  }

  @Override
  public void irrevocable(String change) {
    check();
    irrevocable = true;
  }

  @Override
  public void hold(String what, Hold hold) {
    if (cancelled.getAsBoolean()) { // asked once: between two looks it could be cancelled
      hold.close();
      throw new CancelledException();
    }
    ledger.hold(what, hold);
  }

  @Override
  public void repeat(Duration interval, Change change) {
    check();
    repeated = new Repeated(interval, change);
  }

  @Override
  public void warn(String warning) {
    warnings.add(warning);
  }

  @Override
  public void engine(String name) {
    engine = name;
  }

  @Override
  public void asked(double amount, String unit) {
    asked = new Effect(Effect.State.SETTLED, amount, amount, unit, null, parts.time().now(), null);
  }

  @Override
  public boolean await(Duration limit, BooleanSupplier seen) {
    long end = System.nanoTime() + limit.toNanos();
    long pause = FIRST_PAUSE_NANOS;
    check(); // also when it is seen at once: who works in parts asks here whether to go on
    while (!seen.getAsBoolean()) {
      check();
      if (System.nanoTime() - end > 0) {
        return false;
      }
      LockSupport.parkNanos(pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_NANOS);
    }
    return true;
  }

  /** From now on what is made is written at once; what only an injection before had is free. */
  void succeeded() {
    success = true;
    parts.claims().keep(uid, claimed);
    Repeated first = repeated;
    nextRepeat = first == null ? 0 : System.nanoTime() + first.interval().toNanos();
  }

  /** Lets the next member of each shared thing have its turn. */
  void leaveJoins() {
    entered.forEach(parts.joins()::leave);
    entered.clear();
    left.clear();
    bases.clear();
  }

  List<String> warnings() {
    List<String> now = List.copyOf(warnings);
    warnings.clear();
    return now;
  }

  Effect asked() {
    return asked;
  }

  /** What does the work, where there is a choice. */
  @Nullable String engine() {
    return engine;
  }

  /** Makes the next of the repeated changes if it is due; what there is to warn of. */
  List<String> repeat() {
    Repeated due = repeated;
    if (due == null || System.nanoTime() - nextRepeat < 0) {
      return List.of();
    }
    nextRepeat += due.interval().toNanos();
    try {
      due.change().make();
    } catch (CancelledException e) {
      return List.of();
    } catch (IOException | UncheckedIOException | FaultException e) {
      warn("could not be repeated: " + e.getMessage());
    } finally {
      leaveJoins();
    }
    return warnings();
  }

  /** Whether it takes longer than an injection may. */
  boolean slow() {
    return System.nanoTime() - began > parts.rules().inject().toNanos();
  }

  void check() {
    if (cancelled.getAsBoolean()) {
      throw new CancelledException();
    }
  }
}
