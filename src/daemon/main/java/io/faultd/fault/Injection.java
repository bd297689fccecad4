package io.faultd.fault;

import io.faultd.linux.Mark;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * What a fault may say while it is being put in place: what it touches, what it is about to change
 * and what it holds.
 *
 * <p>After the experiment was cancelled each method that would add something throws {@link
 * CancelledException}, so that the fault unwinds. In a dry run the first {@code undo} or {@code
 * hold} ends the injection instead, so announce all that can be announced in one list.
 */
public interface Injection {
  /** The experiment's uid. */
  String id();

  /** A name for the next thing left on the node, unique on it and found by a sweep. */
  Mark mark();

  /** The place to work on. */
  Target target();

  /**
   * Names one thing that will be touched, for plans and for the guard rails.
   *
   * @throws FaultException {@link Reason#FORBIDDEN} if it is protected and not allowed by the order
   */
  void aim(Aim aim);

  /**
   * Makes a change that nobody sees and that needs no way back; before who is claimed is known. Not
   * made in a dry run.
   *
   * @throws IOException as {@code change} does
   */
  default void unseen(Change change) throws IOException {
    change.make();
  }

  /**
   * Claims things for this experiment until its last step is undone.
   *
   * @throws FaultException {@link Reason#CONFLICT} if another experiment has one of them
   */
  void claim(List<Claim> claims);

  /** Why this thing is protected, or nothing; for faults that leave out what they may not touch. */
  Optional<String> guarded(Aim aim);

  /**
   * Becomes a member of a thing that several experiments change together.
   *
   * <p>Keeps other members out until this injection returns.
   *
   * @param key names the thing; {@link Undo#joins} of the members' steps returns it
   * @param base looks at what to restore when the last member has left; not asked if there are
   *     members, and not before others are kept out, for who leaves changes the thing until then
   * @throws IOException as {@code base} does
   */
  void join(String key, BaseReading base) throws IOException;

  /**
   * The steps of the other members of a thing that was joined, in the order of their announcement;
   * none of them changes before this injection returns.
   */
  List<Undo> members(String key);

  /**
   * Announces steps: they are on disk when this returns. Only then may the fault change what they
   * describe.
   *
   * @return a ticket for each, in order
   */
  List<Ticket> undo(List<? extends Undo> steps);

  /** Announces one step. */
  default Ticket undo(Undo step) {
    return undo(List.of(step)).getFirst();
  }

  /**
   * Completes an announced step by what only the change itself could tell (a handle, an offset).
   */
  void made(Ticket ticket, Undo step);

  /**
   * Announces a change that cannot be taken back. The order of things is as for {@link #undo}:
   * after all checks, before the change.
   *
   * @param change what will be done, for plans
   */
  void irrevocable(String change);

  /**
   * Hands over something that ends with this process, and needs no undo; before it is opened, so
   * that there is no instant at which it works and nobody would end it.
   *
   * @param what it is, for plans
   */
  void hold(String what, Hold hold);

  /** Makes a change again and again after the injection, on the owner thread, until destroyed. */
  void repeat(Duration interval, Change change);

  /** Adds a warning to the record. */
  void warn(String warning);

  /** Which of several ways does the work, for the record. */
  void engine(String name);

  /** What was asked for and in which unit, for {@code effect}. */
  void asked(double amount, String unit);

  /**
   * Waits until something is seen.
   *
   * @return whether it was seen within the limit
   * @throws CancelledException if the experiment is cancelled meanwhile
   */
  boolean await(Duration limit, BooleanSupplier seen);

  /** Looks at a shared thing while nobody else changes it. */
  @FunctionalInterface
  interface BaseReading {
    /** How the thing is now. */
    Base read() throws IOException;
  }

  /** A change of {@link #repeat} or {@link #unseen}. */
  @FunctionalInterface
  interface Change {
    /** Makes the change, announced like any other. */
    void make() throws IOException;
  }

  /** An announced step. */
  interface Ticket {}
}
