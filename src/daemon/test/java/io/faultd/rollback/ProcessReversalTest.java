package io.faultd.rollback;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Undo;
import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.testing.Victim;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessReversalTest {
  @TempDir static Path scratch;
  private final Rollback rollback = new Rollback(scratch);

  @Test
  void continuesTheProcessAndMayDoSoAgain() throws Exception {
    try (Victim victim = Victim.sleeping("1000").stop()) {
      Undo step = new Undo.ProcessStopped(victim.identity(), "sleep");
      assertEquals(Sighting.PRESENT, rollback.look(step));
      assertInstanceOf(Outcome.Undone.class, undo(step));
      eventually("runs", () -> victim.runs());
      assertEquals(Sighting.CHANGED, rollback.look(step));
      assertInstanceOf(Outcome.Undone.class, undo(step));
    }
  }

  @Test
  void leavesAProcessAloneThatOnlyHasThePid() throws Exception {
    try (Victim victim = Victim.sleeping("1000").stop()) {
      ProcessIdentity now = victim.identity();
      for (ProcessIdentity other :
          new ProcessIdentity[] {
            new ProcessIdentity(now.pid(), now.startTicks() + 1, now.bootId()),
            new ProcessIdentity(now.pid(), now.startTicks(), "an earlier boot")
          }) {
        Undo step = new Undo.ProcessStopped(other, "sleep");
        assertEquals(Sighting.TARGET_GONE, rollback.look(step));
        assertInstanceOf(Outcome.Undone.class, undo(step));
        assertEquals('T', victim.state());
      }
    }
  }

  @Test
  void hasNothingToDoIfTheProcessIsGone() throws Exception {
    Undo step;
    try (Victim victim = Victim.sleeping("1000").stop()) {
      step = new Undo.ProcessStopped(victim.identity(), "sleep");
    }
    assertEquals(Sighting.TARGET_GONE, rollback.look(step));
    assertInstanceOf(Outcome.Undone.class, undo(step));
  }

  @Test
  void hasNothingToDoIfItWasNeverStopped() {
    try (Victim victim = Victim.sleeping("1000")) {
      assertInstanceOf(
          Outcome.Undone.class, undo(new Undo.ProcessStopped(victim.identity(), "sleep")));
      assertTrue(victim.runs());
    }
  }

  private Outcome undo(Undo step) {
    return rollback.undo(step, Company.NONE, false);
  }
}
