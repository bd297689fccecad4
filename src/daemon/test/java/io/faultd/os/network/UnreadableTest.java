package io.faultd.os.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Effect;
import io.faultd.linux.LinuxException;
import io.faultd.rollback.Rollback;
import io.faultd.rollback.Sighting;
import io.faultd.testing.Cable;
import io.faultd.testing.FileTrial;
import io.faultd.testing.Requires;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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

  /** Nothing can be opened until this is closed. */
  private record Descriptors(Process shell) implements AutoCloseable {
    private static final String LIMIT = "prlimit --nofile=%s: --pid %d && echo done && read next; ";

    static Descriptors none() throws Exception {
      long pid = ProcessHandle.current().pid();
      String now =
          new String(
                  new ProcessBuilder(
                          "sh", "-c", "prlimit --nofile --output=SOFT --noheadings --pid " + pid)
                      .start()
                      .getInputStream()
                      .readAllBytes(),
                  StandardCharsets.US_ASCII)
              .strip();
      Process shell =
          new ProcessBuilder("sh", "-c", LIMIT.formatted("3", pid) + LIMIT.formatted(now, pid))
              .redirectErrorStream(true)
              .start();
      Descriptors made = new Descriptors(shell);
      made.awaitDone();
      return made;
    }

    private void awaitDone() throws IOException {
      BufferedReader lines = shell.inputReader();
      String line = lines.readLine();
      if (!"done".equals(line)) {
        throw new IllegalStateException("prlimit: " + line);
      }
    }

    private void next() throws IOException {
      shell.outputWriter().append('\n').flush();
    }

    @Override
    public void close() throws Exception {
      next();
      awaitDone();
      next();
      shell.waitFor();
    }
  }
}
