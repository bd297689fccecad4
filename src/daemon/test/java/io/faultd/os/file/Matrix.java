package io.faultd.os.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Undo;
import io.faultd.rollback.Outcome;
import io.faultd.rollback.Rollback;
import io.faultd.rollback.Sighting;
import io.faultd.testing.FileTrial;
import io.faultd.testing.Fingerprint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;

/** What must be true of every fault here. */
final class Matrix {
  private final Path folder;
  private final Rollback rollback;

  /** Whether the file system tells what became of what is not there; else there are warnings. */
  boolean tells = true;

  /**
   * A matrix.
   *
   * @param folder holds all that the fault touches
   * @param scratch is outside of it
   */
  Matrix(Path folder, Path scratch) throws IOException {
    this.folder = folder;
    this.rollback = new Rollback(Files.createDirectories(scratch));
  }

  FileTrial trial(String uid) {
    return new FileTrial(new FileTrial.Journal(rollback), uid);
  }

  Sighting look(Undo step) throws IOException {
    return rollback.look(step);
  }

  /** Undoes after a success, twice; then after a death at each announcement. */
  void holds(FileTrial.Order order) throws IOException {
    SortedMap<String, String> before = Fingerprint.of(folder);
    FileTrial whole = trial("whole");
    order.inject(whole);
    int announcements = whole.steps().size();
    assertTrue(announcements > 0);
    for (Undo step : whole.steps()) {
      assertEquals(
          step instanceof Undo.HiddenEntry ? Sighting.ASIDE : Sighting.PRESENT,
          rollback.look(step),
          step.describe());
    }
    undone(whole, before);
    whole.forget();
    undone(whole, before);
    for (int i = 0; i < announcements; i++) {
      for (boolean kept : List.of(false, true)) {
        FileTrial dying = trial("dying" + i);
        dying.lives = i;
        dying.kept = kept;
        dying.completes = false;
        try {
          order.inject(dying);
        } catch (FileTrial.Death e) {
          assertTrue(dying.lives < 0, "died where it was told to");
        }
        undone(dying, before);
        dying.forget();
        undone(dying, before);
      }
    }
  }

  private void undone(FileTrial trial, SortedMap<String, String> before) throws IOException {
    for (Outcome outcome : trial.destroy(false)) {
      assertTrue(
          outcome instanceof Outcome.Undone || !tells && outcome instanceof Outcome.Conflict,
          outcome::toString);
    }
    assertEquals(before, Fingerprint.of(folder));
  }
}
