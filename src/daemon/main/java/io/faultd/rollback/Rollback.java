package io.faultd.rollback;

import io.faultd.fault.Undo;
import io.faultd.linux.proc.Procfs;

/**
 * Takes steps back: one exhaustive switch over the sealed {@link Undo}, so that a new kind of step
 * without its reversal does not compile.
 *
 * <p>Stateless and idempotent. Steps that join are handed over one at a time for each shared thing.
 */
public final class Rollback {
  private static final Outcome PENDING = new Outcome.Stuck("not written yet");

  private final ProcessReversal processes = new ProcessReversal(Procfs.HOST);

  /**
   * Takes one step back, and returns when the restored thing is durable.
   *
   * @param company whom the step shares its thing with
   * @param force give back what cannot go to its place under another name, rather than keep it
   */
  public Outcome undo(Undo step, Company company, boolean force) {
    return switch (step) {
      case Undo.ProcessStopped stopped -> processes.undo(stopped);
      case Undo.FileMode mode -> PENDING;
      case Undo.FileRenamed renamed -> PENDING;
      case Undo.FileMade made -> PENDING;
      case Undo.HiddenEntry hidden -> PENDING;
      case Undo.FolderMade made -> PENDING;
      case Undo.BytesAppended appended -> PENDING;
    };
  }

  /** Whether the step's change is still in place; milliseconds. */
  public Sighting look(Undo step) {
    return switch (step) {
      case Undo.ProcessStopped stopped -> processes.look(stopped);
      case Undo.FileMode mode -> Sighting.PRESENT;
      case Undo.FileRenamed renamed -> Sighting.PRESENT;
      case Undo.FileMade made -> Sighting.PRESENT;
      case Undo.HiddenEntry hidden -> Sighting.PRESENT;
      case Undo.FolderMade made -> Sighting.PRESENT;
      case Undo.BytesAppended appended -> Sighting.PRESENT;
    };
  }
}
