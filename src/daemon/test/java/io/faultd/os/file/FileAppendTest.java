package io.faultd.os.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Reason;
import io.faultd.rollback.Outcome;
import io.faultd.rollback.Rollback;
import io.faultd.testing.FileTrial;
import io.faultd.testing.Fingerprint;
import io.faultd.testing.Kernel;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@Requires("root")
class FileAppendTest extends FileTest {
  private static FileTrial.Order order(Path path, String content) {
    return order(path, content, 1, null);
  }

  private static FileTrial.Order order(
      Path path, String content, int count, @Nullable Duration interval) {
    return on ->
        new FileAppend()
            .inject(
                new FileAppend.Params(
                    path.toString(), content, count, interval, false, false, null),
                on);
  }

  private Path file(String content) throws IOException {
    Path file = Files.writeString(folder.resolve("a b\nü"), content);
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000_000_123L));
    return file;
  }

  private FileTrial.Journal journal() throws IOException {
    return new FileTrial.Journal(
        new Rollback(Files.createDirectories(temporary.resolve("scratch"))));
  }

  @Test
  void appendsAndTakesOutAgain() throws IOException {
    Path file = file("before\n");
    FileTrial trial = matrix.trial("seen");
    order(file, "$(x) '\"", 3, null).inject(trial);
    assertEquals("before\n" + "$(x) '\"\n".repeat(3), Files.readString(file));
    trial.destroy(false);
    matrix.holds(order(file, "x", 5, null));
    matrix.holds(order(file(""), "x"));
    matrix.holds(order(file("x\nx\n"), "x", 2, null));
  }

  @Test
  void interpretsMacrosEscapesAndBase64() throws IOException {
    Path file = file("");
    FileTrial trial = matrix.trial("text");
    on(file, "\\x41\\n\\0101\\u00fc\\q\\c gone", true, false).inject(trial);
    assertEquals("A\nAü\\q", Files.readString(file));
    trial.destroy(false);
    on(file, "AP8=", false, true).inject(trial);
    assertEquals(2, Files.size(file));
    trial.destroy(false);
    order(file, "@{DATE:+%Y} \\@{DATE:+%F} @{RANDOM:7-7} @{RANDOM:9-1}").inject(trial);
    assertEquals(java.time.Year.now() + " @{DATE:+%F} 7 @{RANDOM:9-1}\n", Files.readString(file));
    trial.destroy(false);
    assertEquals(0, Files.size(file));
  }

  private static FileTrial.Order on(Path file, String content, boolean escape, boolean base64) {
    return on ->
        new FileAppend()
            .inject(
                new FileAppend.Params(file.toString(), content, 1, null, escape, base64, "/x"), on);
  }

  @Test
  void repeatsAndTakesEachRoundOut() throws IOException {
    Path file = file("before\n");
    FileTrial trial = matrix.trial("rounds");
    order(file, "x", 2, Duration.ofSeconds(1)).inject(trial);
    for (int i = 0; i < 3; i++) {
      Files.writeString(file, "theirs" + i + "\n", StandardOpenOption.APPEND);
      trial.repeated.make();
    }
    trial.destroy(false);
    assertEquals("before\ntheirs0\ntheirs1\ntheirs2\n", Files.readString(file));
  }

  @Test
  void twoExperimentsLeaveInAnyOrder() throws IOException {
    for (boolean firstLeavesFirst : List.of(true, false)) {
      Path file = file("before\n");
      var before = Fingerprint.of(folder);
      FileTrial.Journal journal = journal();
      FileTrial first = new FileTrial(journal, "first");
      FileTrial second = new FileTrial(journal, "second");
      order(file, "first").inject(first);
      order(file, "the second").inject(second);
      FileTrial leaver = firstLeavesFirst ? first : second;
      FileTrial stayer = firstLeavesFirst ? second : first;
      undone(leaver);
      String left = Fingerprint.of(folder).values().iterator().next();
      assertTrue(
          left.endsWith("bytes before\n" + (firstLeavesFirst ? "the second\n" : "first\n")), left);
      undone(stayer);
      assertEquals(before, Fingerprint.of(folder));
    }
  }

  @Test
  void twoExperimentsWithForeignTailsLeaveInAnyOrder() throws IOException {
    for (boolean firstLeavesFirst : List.of(true, false)) {
      Path file = file("before\n");
      FileTrial.Journal journal = journal();
      FileTrial first = new FileTrial(journal, "first");
      FileTrial second = new FileTrial(journal, "second");
      order(file, "first").inject(first);
      Files.writeString(file, "between\n", StandardOpenOption.APPEND);
      order(file, "the second").inject(second);
      Files.writeString(file, "behind\n", StandardOpenOption.APPEND);
      FileTime theirs = Files.getLastModifiedTime(file);
      undone(firstLeavesFirst ? first : second);
      Files.writeString(file, "later\n", StandardOpenOption.APPEND);
      undone(firstLeavesFirst ? second : first);
      assertEquals("before\nbetween\nbehind\nlater\n", Files.readString(file));
      assertTrue(Files.getLastModifiedTime(file).compareTo(theirs) >= 0);
    }
  }

  @Test
  void waitsWhileOthersHaveTheFileOpen() throws IOException {
    Path file = file("before\n");
    var before = Fingerprint.of(folder);
    FileTrial trial = matrix.trial("held");
    order(file, "x").inject(trial);
    try (FileChannel held = FileChannel.open(file, StandardOpenOption.WRITE)) {
      Outcome outcome = trial.destroy(false).getFirst();
      assertTrue(
          outcome instanceof Outcome.Stuck stuck && stuck.error().contains("7 to 9"),
          outcome.toString());
      assertEquals(9, held.size());
    }
    undone(trial);
    assertEquals(before, Fingerprint.of(folder));
  }

  @Test
  void isOverWhenOthersHaveCutTheFileThatTheyHoldOpen() throws IOException {
    Path file = file("before\n");
    FileTrial trial = matrix.trial("cut");
    order(file, "x").inject(trial);
    try (FileChannel held = FileChannel.open(file, StandardOpenOption.WRITE)) {
      held.truncate(0); // as logrotate does with copytruncate
      held.write(java.nio.ByteBuffer.wrap("new\n".getBytes(StandardCharsets.UTF_8)), 0);
      Outcome outcome = trial.destroy(false).getFirst();
      assertInstanceOf(Outcome.Conflict.class, outcome, outcome.toString());
      assertEquals("new\n", Files.readString(file));
    }
  }

  @Test
  void hasNothingToTakeOutOfAFileThatIsHeldOpenIfNothingWasWritten() throws IOException {
    Path file = file("before\n");
    FileTrial trial = matrix.trial("died");
    trial.lives = 0;
    trial.kept = true;
    assertThrows(FileTrial.Death.class, () -> order(file, "x").inject(trial));
    try (FileChannel held = FileChannel.open(file, StandardOpenOption.WRITE)) {
      undone(trial);
      assertEquals(7, held.size());
    }
  }

  @Test
  void refusesAProgramThatRunsAndWaitsForOneThatWasStartedSince() throws Exception {
    Path program = Files.copy(Path.of("/bin/sleep"), folder.resolve("program"));
    var before = Fingerprint.of(folder);
    Process running = new ProcessBuilder(program.toString(), "100").start();
    try {
      refused(order(program, "x"), Reason.CONFLICT, "filepath");
    } finally {
      running.destroyForcibly().waitFor();
    }
    FileTrial trial = matrix.trial("run");
    order(program, "x").inject(trial);
    Process later = new ProcessBuilder(program.toString(), "100").start();
    try {
      Outcome outcome = trial.destroy(false).getFirst();
      assertInstanceOf(Outcome.Stuck.class, outcome, outcome.toString());
    } finally {
      later.destroyForcibly().waitFor();
    }
    undone(trial);
    assertEquals(withoutAccess(before), withoutAccess(Fingerprint.of(folder)));
  }

  /** Who runs a program reads it. */
  private static String withoutAccess(SortedMap<String, String> all) {
    return all.toString().replaceAll("times \\d+", "");
  }

  @Test
  void letsOthersInWhoComeWhileBytesAreTakenOut() throws Exception {
    Path file = file("");
    FileTrial.Journal journal = journal();
    AtomicBoolean stop = new AtomicBoolean();
    AtomicInteger written = new AtomicInteger();
    Thread writer =
        Thread.ofPlatform()
            .start(() -> {
              while (!stop.get()) {
                try {
                  Files.writeString(file, "theirs\n", StandardOpenOption.APPEND);
                  written.incrementAndGet();
                  // a file that is never closed for a moment cannot be mended, nor would this end
                  LockSupport.parkNanos(5_000_000);
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              }
            });
    try {
      for (int i = 0; i < 40; i++) {
        FileTrial trial = new FileTrial(journal, "busy" + i);
        order(file, "ours" + i).inject(trial);
        while (trial.destroy(false).getFirst() instanceof Outcome.Stuck) {
          Thread.onSpinWait();
        }
      }
    } finally {
      stop.set(true);
      writer.join();
    }
    assertEquals("theirs\n".repeat(written.get()), Files.readString(file));
  }

  @Test
  void keepsWhatOthersMadeOfTheFile() throws IOException {
    Path file = file("before\n");
    FileTrial trial = matrix.trial("foreign");
    order(file, "x").inject(trial);
    Files.writeString(file, "all new and longer");
    assertInstanceOf(Outcome.Conflict.class, trial.destroy(false).getFirst());
    assertEquals("all new and longer", Files.readString(file));
    FileTrial gone = matrix.trial("gone");
    order(file, "x").inject(gone);
    Files.delete(file);
    assertInstanceOf(Outcome.Conflict.class, gone.destroy(false).getFirst());
  }

  @Test
  void followsTheFileWhenItIsRotated() throws IOException {
    Path file = file("before\n");
    FileTrial trial = matrix.trial("rotated");
    order(file, "x", 1, Duration.ofSeconds(1)).inject(trial);
    Path rotated = Files.move(file, folder.resolve("rotated"));
    Files.writeString(file, "fresh\n");
    trial.repeated.make();
    undone(trial);
    assertEquals("before\n", Files.readString(rotated));
    assertEquals("fresh\n", Files.readString(file));
  }

  @Test
  void refusesWhatCannotBe() throws IOException {
    Path file = file("before\n");
    refused(order(folder, "x"), Reason.ILLEGAL_PARAMETER, "filepath");
    refused(order(folder.resolve("no"), "x"), Reason.TARGET_NOT_FOUND, "filepath");
    refused(order(file, "x", 0, null), Reason.ILLEGAL_PARAMETER, "count");
    refused(order(file, "x".repeat(1000), 2000, null), Reason.ILLEGAL_PARAMETER, "count");
    refused(on(file, "A*", false, true), Reason.ILLEGAL_PARAMETER, "content");
    refused(on(file, "", false, true), Reason.ILLEGAL_PARAMETER, "content");
    for (int fixed : new int[] {0x10, 0x20}) {
      Kernel.attributes(file, fixed);
      try {
        refused(order(file, "x"), Reason.UNSUPPORTED, "filepath");
      } finally {
        Kernel.attributes(file, 0);
      }
    }
  }

  @Test
  void takesOutWhatAFullDiskLetIn() throws IOException {
    Path point = Files.createDirectories(temporary.resolve("mount"));
    try (Kernel.Mounted mounted = Kernel.tmpfs(point, "size=16k")) {
      Path file = Files.writeString(point.resolve("file"), "before\n");
      var before = Fingerprint.of(point);
      FileTrial trial = matrix.trial("full");
      IOException full =
          assertThrows(IOException.class, () -> order(file, "x".repeat(50_000)).inject(trial));
      assertTrue(full.getMessage().contains("No space left"), full.getMessage());
      undone(trial);
      assertEquals(before, Fingerprint.of(point));
      mounted.readOnly();
      refused(order(file, "x"), Reason.UNSUPPORTED, "filepath");
    }
  }

  @Test
  void leavesEqualBytesAloneIfTheDiskLetNothingIn() throws IOException {
    Path point = Files.createDirectories(temporary.resolve("mount"));
    try (Kernel.Mounted mounted = Kernel.tmpfs(point, "size=16k")) {
      Path file = Files.writeString(point.resolve("file"), "equal\n");
      Files.write(point.resolve("ballast"), new byte[12 * 1024 - 6]);
      byte[] rest = new byte[4096];
      try {
        Files.write(point.resolve("more"), rest);
      } catch (IOException full) {
        // as meant
      }
      Files.writeString(file, "equal\n".repeat((4096 - 6) / 6), StandardOpenOption.APPEND);
      long size = Files.size(file);
      Files.write(file, new byte[(int) (4096 - size)], StandardOpenOption.APPEND);
      var before = Fingerprint.of(point);
      FileTrial trial = matrix.trial("full");
      assertThrows(IOException.class, () -> order(file, "equal").inject(trial));
      undone(trial);
      assertEquals(before, Fingerprint.of(point));
    }
  }

  private static void undone(FileTrial trial) {
    for (Outcome outcome : trial.destroy(false)) {
      assertEquals(new Outcome.Undone(), outcome);
    }
  }
}
