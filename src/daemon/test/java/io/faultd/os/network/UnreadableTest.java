package io.faultd.os.network;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Effect;
import io.faultd.fault.Undo;
import io.faultd.linux.LinuxException;
import io.faultd.rollback.Company;
import io.faultd.rollback.Outcome;
import io.faultd.rollback.Rollback;
import io.faultd.rollback.Sighting;
import io.faultd.testing.Cable;
import io.faultd.testing.Descriptors;
import io.faultd.testing.FileTrial;
import io.faultd.testing.Requires;
import io.faultd.testing.Victim;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be looked at for a reason of our own is not taken for gone. */
@Requires("root")
class UnreadableTest {
  @TempDir Path scratch;
  private Cable cable;
  private FileTrial on;
  private Rollback rollback;

  @BeforeEach
  void open() throws Exception {
    cable = Cable.open();
    rollback = new Rollback(scratch);
    on = new FileTrial(new FileTrial.Journal(rollback), "trial");
  }

  @AfterEach
  void close() throws Exception {
    on.destroy(false);
    cable.close();
  }

  /** What is known of bands when this process can open no file any more. */
  private record Seen(Effect effect, IOException refused) {}

  private Seen withoutDescriptors() throws Exception {
    Effect before = on.holds.getFirst().effect();
    assertEquals(Effect.State.SETTLED, before.state());
    assertEquals(Sighting.PRESENT, rollback.look(on.steps().getFirst())); // loads all classes
    try (Descriptors unused = Descriptors.none()) {
      return new Seen(
          on.holds.getFirst().effect(),
          assertThrows(LinuxException.class, () -> rollback.look(on.steps().getFirst())));
    }
  }

  @Test
  void aLackOfDescriptorsIsNoEndOfAnExperiment() throws Exception {
    new NetworkLimit().inject(Flags.bind("limit", NetworkLimit.Params.class, "rate=1gbit"), on);
    Seen seen = withoutDescriptors();
    assertEquals(Effect.State.DEGRADED, seen.effect().state());
    assertTrue(seen.effect().detail().contains("EMFILE"), seen.effect().detail());
    assertTrue(seen.refused().getMessage().contains("EMFILE"));
    assertEquals(Effect.State.SETTLED, on.holds.getFirst().effect().state());
    assertEquals(Sighting.PRESENT, rollback.look(on.steps().getFirst()));
  }

  /** Or it would be over for the record, and the process would stay stopped for ever. */
  @Test
  void aLackOfDescriptorsIsNoEndOfAProcess() throws Exception {
    try (Victim victim = Victim.sleeping(Victim.tag())) {
      Undo step = new Undo.ProcessStopped(victim.identity(), "sleep");
      for (boolean lacking : new boolean[] {false, true}) { // the first loads all classes
        victim.stop();
        assertEquals(Sighting.PRESENT, rollback.look(step));
        if (lacking) {
          try (Descriptors unused = Descriptors.none()) {
            assertThrows(UncheckedIOException.class, () -> rollback.look(step));
            assertThrows(
                UncheckedIOException.class, () -> rollback.undo(step, Company.NONE, false));
          }
          assertEquals('T', victim.state());
        }
        assertEquals(new Outcome.Undone(), rollback.undo(step, Company.NONE, false));
        eventually("runs", victim::runs);
      }
    }
  }
}
