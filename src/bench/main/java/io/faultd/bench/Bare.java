package io.faultd.bench;

import io.faultd.experiment.GuardRails;
import io.faultd.fault.Aim;
import io.faultd.fault.Base;
import io.faultd.fault.Claim;
import io.faultd.fault.Hold;
import io.faultd.fault.Injection;
import io.faultd.fault.Target;
import io.faultd.fault.Undo;
import io.faultd.linux.Mark;
import io.faultd.rollback.Company;
import io.faultd.rollback.Outcome;
import io.faultd.rollback.Rollback;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** An injection on this node without a journal: what a fault costs by itself. */
final class Bare implements Injection {
  /** What a daemon protects that is told nothing else. */
  private static final GuardRails RAILS =
      new GuardRails(Path.of("/nowhere"), List.of(), Set.copyOf(GuardRails.TRAFFIC));

  private final List<Undo> steps = new ArrayList<>();
  private final List<Hold> holds = new ArrayList<>();
  private @Nullable Base base;
  private int marks;

  /** Takes all back that was made, as the owner of an experiment does. */
  void undo(Rollback rollback) {
    holds.reversed().forEach(Hold::close);
    for (Undo step : steps.reversed()) {
      Outcome outcome =
          rollback.undo(step, new Company(Optional.ofNullable(base), List.of()), false);
      if (!(outcome instanceof Outcome.Undone)) {
        throw new IllegalStateException(outcome.toString());
      }
    }
  }

  @Override
  public String id() {
    return "bench";
  }

  @Override
  public Mark mark() {
    return new Mark("0badcafe", id(), ++marks);
  }

  @Override
  public Target target() {
    return new Target.Host();
  }

  @Override
  public void aim(Aim aim) {
    // all is allowed
  }

  @Override
  public Optional<String> guarded(Aim aim) {
    return RAILS.guards(aim);
  }

  @Override
  public void claim(List<Claim> claims) {
    // nobody else is there
  }

  @Override
  public void join(String key, BaseReading reading) throws IOException {
    base = reading.read();
  }

  @Override
  public List<Undo> members(String key) {
    return List.of();
  }

  @Override
  public List<Ticket> undo(List<? extends Undo> more) {
    steps.addAll(more);
    return more.stream().map(each -> (Ticket) new Ticket() {}).toList();
  }

  @Override
  public void made(Ticket ticket, Undo step) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void merged(Ticket ticket, Ticket earlier, Undo whole) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void hold(String what, Hold hold) {
    holds.add(hold);
  }

  @Override
  public void irrevocable(String change) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void repeat(Duration interval, Change change) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void warn(String warning) {
    throw new IllegalStateException(warning);
  }

  @Override
  public void engine(String name) {
    // there is one
  }

  @Override
  public void asked(double amount, String unit) {
    // nobody asks
  }

  @Override
  public boolean await(Duration limit, BooleanSupplier seen) {
    return seen.getAsBoolean();
  }
}
