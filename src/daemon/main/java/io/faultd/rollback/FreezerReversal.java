package io.faultd.rollback;

import io.faultd.fault.Undo;
import io.faultd.linux.cgroup.Freezer;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Lets a control group go on that was frozen: that one and no other that got its name. */
final class FreezerReversal {
  private FreezerReversal() {}

  static Outcome undo(Undo.GroupFrozen step) throws IOException {
    try {
      Freezer freezer = freezer(step);
      if (is(freezer, step) && freezer.told()) {
        freezer.tell(false);
        if (freezer.told()) {
          return new Outcome.Stuck(
              step.describe() + ": was told to go on, and is still told not to");
        }
      }
    } catch (NoSuchFileException gone) {
      return new Outcome.Undone();
    }
    return new Outcome.Undone();
  }

  static Sighting look(Undo.GroupFrozen step) throws IOException {
    if (Procfs.HOST.stat(step.init()).filter(stat -> !stat.ended()).isEmpty()) {
      return Sighting.TARGET_GONE;
    }
    try {
      Freezer freezer = freezer(step);
      if (!is(freezer, step)) {
        return Sighting.TARGET_GONE;
      }
      return freezer.told() ? Sighting.PRESENT : Sighting.CHANGED;
    } catch (NoSuchFileException gone) {
      return Sighting.TARGET_GONE;
    }
  }

  private static Freezer freezer(Undo.GroupFrozen step) {
    return new Freezer(Path.of(step.folder()), step.unified());
  }

  private static boolean is(Freezer freezer, Undo.GroupFrozen step) throws IOException {
    return freezer.key().filter(step.key()::equals).isPresent();
  }
}
