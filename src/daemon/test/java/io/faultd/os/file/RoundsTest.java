package io.faultd.os.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Undo;
import io.faultd.rollback.Outcome;
import io.faultd.rollback.Sighting;
import io.faultd.testing.FileTrial;
import io.faultd.testing.Fingerprint;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@Requires("root")
class RoundsTest extends FileTest {
  private static FileTrial.Order order(Path path, String content, @Nullable Duration interval) {
    return on ->
        new FileAppend()
            .inject(
                new FileAppend.Params(path.toString(), content, 1, interval, false, false, null),
                on);
  }

  private Path file(String content) throws IOException {
    Path file = Files.writeString(folder.resolve("file"), content);
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000_000_123L));
    return file;
  }

  private static void undone(FileTrial trial) {
    for (Outcome outcome : trial.destroy(false)) {
      assertEquals(new Outcome.Undone(), outcome);
    }
  }

  @Test
  void tellsManyRoundsInFewStepsWhateverTheyAre() throws IOException {
    for (String content : List.of("x", "@{RANDOM:1-9}".repeat(30), "much ".repeat(10_000))) {
      Path file = file("before\n");
      var before = Fingerprint.of(folder);
      FileTrial trial = matrix.trial("rounds");
      order(file, content, Duration.ofSeconds(1)).inject(trial);
      int rounds = content.length() > 10_000 ? 50 : 1000;
      for (int i = 1; i < rounds; i++) {
        trial.repeated.make();
      }
      assertTrue(trial.steps().size() <= 4, () -> trial.steps().size() + " steps");
      for (Undo step : trial.steps()) {
        assertEquals(Sighting.PRESENT, matrix.look(step));
        assertTrue(step.toString().length() < 2500, step::toString);
      }
      Files.writeString(file, "theirs\n", StandardOpenOption.APPEND);
      trial.repeated.make();
      undone(trial);
      assertEquals("before\ntheirs\n", Files.readString(file));
      FileTrial again = matrix.trial("again");
      Files.delete(file);
      file("before\n");
      order(file, content, Duration.ofSeconds(1)).inject(again);
      again.repeated.make();
      undone(again);
      assertEquals(sizes(before), sizes(Fingerprint.of(folder)));
    }
  }

  /** Without who the file is. */
  private static String sizes(SortedMap<String, String> all) {
    return all.toString().replaceAll("inode \\d+|times \\d+", "");
  }

  @Test
  void repeatsNoMoreWhenOthersWroteBetweenTooManyRounds() throws IOException {
    Path file = file("before\n");
    FileTrial trial = matrix.trial("busy");
    order(file, "x", Duration.ofSeconds(1)).inject(trial);
    IOException full =
        assertThrows(
            IOException.class,
            () -> {
              for (int i = 0; i < 3000; i++) {
                Files.writeString(file, "theirs\n", StandardOpenOption.APPEND);
                trial.repeated.make();
              }
            });
    assertTrue(full.getMessage().contains("between 2048 rounds"), full.getMessage());
    assertEquals(2048, trial.steps().size());
  }

  @Test
  void areNotWaitedForOneByOneWhenTheFileIsHeld() throws IOException {
    Path file = file("before\n");
    FileTrial trial = matrix.trial("held");
    order(file, "x", Duration.ofSeconds(1)).inject(trial);
    for (int i = 0; i < 200; i++) {
      Files.writeString(file, "theirs\n", StandardOpenOption.APPEND);
      trial.repeated.make();
    }
    long begin = System.nanoTime();
    try (FileChannel held = FileChannel.open(file, StandardOpenOption.WRITE)) {
      assertTrue(trial.destroy(false).stream().allMatch(Outcome.Stuck.class::isInstance));
      assertTrue(held.size() > 0);
    }
    assertTrue(System.nanoTime() - begin < 20_000_000_000L, "a third of what 200 waits take");
    undone(trial);
    assertEquals("before\n" + "theirs\n".repeat(200), Files.readString(file));
  }
}
