package io.faultd.testing;

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
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** One experiment on files without an engine: announces into memory, and takes back. */
public final class FileTrial implements Injection {
  private final String uid;
  private final Journal journal;
  private final List<Row> mine = new ArrayList<>();
  private int marks;

  /** What it aimed at. */
  public final List<Aim> aims = new ArrayList<>();

  /** What it claimed. */
  public final List<Claim> claims = new ArrayList<>();

  /** What it holds. */
  public final List<Hold> holds = new ArrayList<>();

  /** What it warned of. */
  public final List<String> warnings = new ArrayList<>();

  /** Where it works. */
  public Target target = new Target.Host();

  /** What is protected. */
  public Function<Aim, Optional<String>> guard = aim -> Optional.empty();

  /** Its repeated change. */
  public Change repeated = () -> {};

  /** How many announcements are let through; then it dies, before or after the next is kept. */
  public int lives = Integer.MAX_VALUE;

  /** Whether the announcement at which it dies is kept. */
  public boolean kept;

  /** Whether what is known only after a change is kept. */
  public boolean completes = true;

  /** An experiment of a journal. */
  public FileTrial(Journal journal, String uid) {
    this.journal = journal;
    this.uid = uid;
  }

  /** Steps in the order of their announcement. */
  public List<Undo> steps() {
    return mine.stream().map(row -> row.step).toList();
  }

  /** Undoes all in reverse. */
  public List<Outcome> destroy(boolean force) {
    List<Outcome> outcomes = new ArrayList<>();
    for (Row row : mine.reversed()) {
      Outcome outcome = journal.rollback.undo(row.step, journal.company(row), force);
      outcomes.add(outcome);
      if (!(outcome instanceof Outcome.Stuck)) {
        row.undone = true;
      }
    }
    return outcomes;
  }

  /** Forgets that anything was undone, as a death before the mark would. */
  public void forget() {
    mine.forEach(row -> row.undone = false);
  }

  @Override
  public String id() {
    return uid;
  }

  @Override
  public Mark mark() {
    return new Mark("0123abcd", uid, marks++);
  }

  @Override
  public Target target() {
    return target;
  }

  @Override
  public void aim(Aim aim) {
    aims.add(aim);
  }

  @Override
  public void claim(List<Claim> all) {
    claims.addAll(all);
  }

  @Override
  public Optional<String> guarded(Aim aim) {
    return guard.apply(aim);
  }

  @Override
  public List<Undo> members(String key) {
    return journal.rows.stream()
        .filter(row -> !row.undone && row.joins(key))
        .map(row -> row.step)
        .toList();
  }

  @Override
  public void join(String key, BaseReading base) throws IOException {
    if (journal.rows.stream().allMatch(row -> row.undone || !row.joins(key))) {
      journal.rows.removeIf(row -> row.joins(key));
      journal.bases.put(key, base.read());
    }
  }

  @Override
  public List<Ticket> undo(List<? extends Undo> steps) {
    boolean dies = lives-- <= 0;
    if (dies && !kept) {
      throw new Death();
    }
    List<Ticket> tickets = new ArrayList<>();
    for (Undo step : steps) {
      Row row = new Row(step);
      mine.add(row);
      journal.rows.add(row);
      tickets.add(row);
    }
    if (dies) {
      throw new Death();
    }
    return tickets;
  }

  @Override
  public void made(Ticket ticket, Undo step) {
    if (completes) {
      ((Row) ticket).step = step;
    }
  }

  @Override
  public void merged(Ticket ticket, Ticket earlier, Undo whole) {
    mine.remove((Row) ticket);
    journal.rows.remove((Row) ticket);
    ((Row) earlier).step = whole;
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
    repeated = change;
  }

  @Override
  public void warn(String warning) {
    warnings.add(warning);
  }

  @Override
  public void engine(String name) {
    // there is no choice
  }

  @Override
  public void asked(double amount, String unit) {}

  @Override
  public boolean await(Duration limit, BooleanSupplier seen) {
    return seen.getAsBoolean();
  }

  /** Ends an injection where a SIGKILL would. */
  public static final class Death extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** What several experiments share. */
  public static final class Journal {
    private final Rollback rollback;
    private final List<Row> rows = new ArrayList<>();
    private final Map<String, Base> bases = new HashMap<>();

    /** An empty one. */
    public Journal(Rollback rollback) {
      this.rollback = rollback;
    }

    private Company company(Row row) {
      if (row.step.joins().isEmpty()) {
        return Company.NONE;
      }
      String key = row.step.joins().get();
      return new Company(
          Optional.ofNullable(bases.get(key)),
          rows.stream()
              .filter(other -> other != row && other.joins(key))
              .map(other -> new Company.Member(other.step, other.undone))
              .toList());
    }
  }

  /** A journal row. */
  private static final class Row implements Ticket {
    private Undo step;
    private boolean undone;

    Row(Undo step) {
      this.step = step;
    }

    boolean joins(String key) {
      return step.joins().filter(key::equals).isPresent();
    }
  }

  /** A fault with its parameters. */
  public interface Order {
    /** Injects it. */
    void inject(Injection on) throws IOException;
  }
}
