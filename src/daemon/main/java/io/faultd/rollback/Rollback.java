package io.faultd.rollback;

import io.faultd.fault.Undo;
import io.faultd.linux.Errno;
import io.faultd.linux.LinuxException;
import io.faultd.linux.netlink.NetlinkException;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;

/**
 * Takes steps back: one exhaustive switch over the sealed {@link Undo}, so that a new kind of step
 * without its reversal does not compile.
 *
 * <p>Idempotent; keeps nothing but, for the moment of a removal, the tail of a file in the scratch
 * folder. Steps that join are handed over one at a time for each shared thing. Call on a platform
 * thread.
 */
public final class Rollback {
  /** What says that something is not there; all else says that it cannot be looked at. */
  private static final Errno[] GONE = {
    Errno.ENOENT, Errno.ENODEV, Errno.ENXIO, Errno.ESRCH, Errno.ESTALE, Errno.ENOTDIR
  };

  private final ProcessReversal processes = new ProcessReversal(Procfs.HOST);
  private final AppendReversal appends;

  /**
   * A way back, without a reserve for a full disk.
   *
   * @param scratch an existing durable folder of ours, the same after a restart
   */
  public Rollback(Path scratch) {
    this(scratch, () -> false);
  }

  /**
   * A way back.
   *
   * @param scratch an existing durable folder of ours, the same after a restart
   * @param room makes some if the disk of that folder is full; whether it did
   */
  public Rollback(Path scratch, BooleanSupplier room) {
    this.appends = new AppendReversal(new Scratch(scratch, room));
  }

  /**
   * Takes one step back, and returns when the restored thing is durable.
   *
   * @param company whom the step shares its thing with
   * @param force give back what cannot go to its place under another name, rather than keep it
   */
  public Outcome undo(Undo step, Company company, boolean force) {
    try {
      return switch (step) {
        case Undo.ProcessStopped stopped -> processes.undo(stopped);
        case Undo.GroupFrozen frozen -> FreezerReversal.undo(frozen);
        case Undo.FileMode mode -> FileReversal.mode(mode);
        case Undo.FileRenamed renamed -> FileReversal.renamed(renamed, force);
        case Undo.FileMade made -> FileReversal.made(made);
        case Undo.HiddenEntry hidden -> FileReversal.hidden(hidden);
        case Undo.FolderMade made -> FileReversal.folder(made);
        case Undo.BytesAppended appended -> appends.undo(appended, company);
        case Undo.PacketBand band -> PacketReversal.undo(band, company);
      };
    } catch (IOException e) {
      return new Outcome.Stuck(step.describe() + ": " + e.getMessage());
    }
  }

  /** Whether it looks as if a change had been made before that is the same as this step's. */
  public boolean resembles(Undo step) {
    try {
      return step instanceof Undo.BytesAppended appended && FileSighting.endsWith(appended);
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Whether the step's change is still in place; milliseconds.
   *
   * @throws IOException if that cannot be seen now, which says nothing about the change
   */
  public Sighting look(Undo step) throws IOException {
    try {
      return switch (step) {
        case Undo.ProcessStopped stopped -> processes.look(stopped);
        case Undo.GroupFrozen frozen -> FreezerReversal.look(frozen);
        case Undo.FileMode mode -> FileSighting.mode(mode);
        case Undo.FileRenamed renamed -> FileSighting.renamed(renamed);
        case Undo.FileMade made -> FileSighting.made(made);
        case Undo.HiddenEntry hidden -> Sighting.ASIDE;
        case Undo.FolderMade made -> FileSighting.folder(made);
        case Undo.BytesAppended appended -> FileSighting.appended(appended);
        case Undo.PacketBand band -> PacketReversal.look(band);
      };
    } catch (Located.AwayException e) {
      return Sighting.TARGET_AWAY;
    } catch (NoSuchFileException e) {
      return Sighting.CHANGED;
    } catch (LinuxException e) {
      if (e.is(GONE)) {
        return Sighting.CHANGED;
      }
      throw e;
    } catch (NetlinkException e) {
      if (e.is(GONE)) {
        return Sighting.CHANGED;
      }
      throw e;
    }
  }
}
