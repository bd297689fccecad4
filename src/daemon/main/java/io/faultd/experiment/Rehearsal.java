package io.faultd.experiment;

import io.faultd.dispatch.Dispatch;
import io.faultd.fault.Aim;
import io.faultd.fault.Claim;
import io.faultd.fault.FaultException;
import io.faultd.fault.Hold;
import io.faultd.fault.Injection;
import io.faultd.fault.Reason;
import io.faultd.fault.Target;
import io.faultd.fault.Undo;
import io.faultd.linux.Mark;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A dry run: the fault's own checks run, and it is stopped at the first change it announces. */
final class Rehearsal implements Injection {
  /** Unwinds the fault before its first change. */
  private static final class Over extends RuntimeException {
    private static final long serialVersionUID = 1;

    Over() {
      super("dry run is over", null, false, false);
    }
  }

  private final Dispatch dispatch;
  private final Engine.Parts parts;
  private final List<Aim> targets = new ArrayList<>();
  private final List<String> steps = new ArrayList<>();
  private final List<Undo> announced = new ArrayList<>();
  private final Set<String> conflicts = new LinkedHashSet<>();
  private @Nullable Target target;

  Rehearsal(Dispatch dispatch, Engine.Parts parts) {
    this.dispatch = dispatch;
    this.parts = parts;
  }

  /**
   * Runs the fault up to its first change.
   *
   * @throws FaultException as the order itself would
   */
  Plan plan() {
    try (Target found = dispatch.find()) {
      target = found;
      found.aim().ifPresent(this::aim);
      dispatch.inject(this);
    } catch (Over e) {
      // as intended
    } catch (IOException e) {
      throw new FaultException(Reason.INJECT_FAILED, String.valueOf(e.getMessage()));
    }
    return new Plan(
        List.copyOf(targets), List.copyOf(steps), List.copyOf(conflicts), dispatch.undo());
  }

  /** What is already as the order would make it, by whomever: it leaves no mark to tell that by. */
  List<String> alike() {
    try {
      plan();
    } catch (FaultException e) {
      if (e.reason() == Reason.CONFLICT) { // it is so already
        return List.of(String.valueOf(e.getMessage()));
      }
    }
    return announced.stream()
        .filter(parts.rollback()::resembles)
        .map(step -> step.describe() + ", as it seems")
        .toList();
  }

  @Override
  public String id() {
    return "dry-run";
  }

  @Override
  public Mark mark() {
    return new Mark(parts.store().instance(), id(), 0);
  }

  @Override
  public Target target() {
    return Objects.requireNonNull(target);
  }

  @Override
  public void aim(Aim aim) {
    targets.add(aim);
    guarded(aim)
        .ifPresent(why -> {
          throw new FaultException(
              Reason.FORBIDDEN,
              Reason.FORBIDDEN.code(),
              "allow-protected",
              "%s %s (%s) is protected: %s".formatted(aim.kind(), aim.id(), aim.name(), why));
        });
  }

  @Override
  public void unseen(Change change) {
    // a dry run changes nothing
  }

  @Override
  public void claim(List<Claim> claims) {
    conflicts.addAll(parts.claims().conflicts(id(), claims));
  }

  @Override
  public Optional<String> guarded(Aim aim) {
    return parts.guard().guards(aim, dispatch.common().allowProtected());
  }

  @Override
  public void join(String key, BaseReading base) throws IOException {
    if (LiveInjection.alone(parts, key)) {
      var unused = base.read(); // what it refuses, the order itself would meet
    }
  }

  @Override
  public List<Undo> members(String key) {
    return LiveInjection.members(parts, key);
  }

  @Override
  public List<Ticket> undo(List<? extends Undo> next) {
    announced.addAll(next);
    LiveInjection.lasting(parts, next);
    next.forEach(step -> steps.add(step.describe()));
    throw new Over();
  }

  @Override
  public void made(Ticket ticket, Undo step) {
    throw new Over();
  }

  @Override
  public void merged(Ticket ticket, Ticket earlier, Undo whole) {
    throw new Over();
  }

  @Override
  public void irrevocable(String change) {
    steps.add(change);
    throw new Over();
  }

  @Override
  public void hold(String what, Hold hold) {
    steps.add(what);
    throw new Over();
  }

  @Override
  public void repeat(Duration interval, Change change) {
    throw new Over();
  }

  @Override
  public void warn(String warning) {}

  @Override
  public void engine(String name) {}

  @Override
  public void asked(double amount, String unit) {}

  @Override
  public boolean await(Duration limit, BooleanSupplier seen) {
    throw new Over();
  }
}
