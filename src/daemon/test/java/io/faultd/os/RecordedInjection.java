package io.faultd.os;

import io.faultd.fault.Aim;
import io.faultd.fault.Claim;
import io.faultd.fault.FaultException;
import io.faultd.fault.Hold;
import io.faultd.fault.Injection;
import io.faultd.fault.Reason;
import io.faultd.fault.Target;
import io.faultd.fault.Undo;
import io.faultd.linux.Mark;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** Keeps what a fault says. */
public final class RecordedInjection implements Injection, AutoCloseable {
  public final List<Aim> aims = new ArrayList<>();
  public final List<Claim> claims = new ArrayList<>();
  public final List<Undo> steps = new ArrayList<>();
  public final List<Hold> holds = new ArrayList<>();
  public final List<String> warnings = new ArrayList<>();

  /** What is protected. */
  public Function<Aim, Optional<String>> guard = aim -> Optional.empty();

  /** Called when steps are announced, before anything changes. */
  public Runnable announced = () -> {};

  /** The place that the fault works on. */
  public Target place = new Target.Host();

  /** What does the work. */
  public String engine = "";

  private int marks;

  @Override
  public String id() {
    return "trial";
  }

  @Override
  public Mark mark() {
    return new Mark("0badcafe", id(), ++marks);
  }

  @Override
  public Target target() {
    return place;
  }

  @Override
  public void aim(Aim aim) {
    guard
        .apply(aim)
        .ifPresent(why -> {
          throw new FaultException(Reason.FORBIDDEN, why);
        });
    aims.add(aim);
  }

  @Override
  public void claim(List<Claim> more) {
    claims.addAll(more);
  }

  @Override
  public Optional<String> guarded(Aim aim) {
    return guard.apply(aim);
  }

  @Override
  public void join(String key, BaseReading base) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<Undo> members(String key) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<Ticket> undo(List<? extends Undo> more) {
    steps.addAll(more);
    announced.run();
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
    undo(List.of());
  }

  @Override
  public void repeat(Duration interval, Change change) {
    throw new UnsupportedOperationException();
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
    // nobody asks
  }

  @Override
  public boolean await(Duration limit, BooleanSupplier seen) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!seen.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      LockSupport.parkNanos(1_000_000);
    }
    return true;
  }

  @Override
  public void close() {
    holds.forEach(Hold::close);
  }
}
