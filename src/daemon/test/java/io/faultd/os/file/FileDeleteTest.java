package io.faultd.os.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.rollback.Outcome;
import io.faultd.rollback.Sweep;
import io.faultd.testing.FileTrial;
import io.faultd.testing.Fingerprint;
import io.faultd.testing.Kernel;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

@Requires("root")
class FileDeleteTest extends FileTest {
  private static FileTrial.Order order(Path path, boolean force) {
    return on -> new FileDelete().inject(new FileDelete.Params(path.toString(), force), on);
  }

  private Path tree() throws IOException {
    Path tree = Files.createDirectories(folder.resolve("tree/deep"));
    Files.writeString(tree.resolve("file"), "x");
    Files.createSymbolicLink(tree.resolve("link"), folder.resolve("kept"));
    return tree.getParent();
  }

  @Test
  void takesAFileAwayAndBringsItBack() throws IOException {
    Path file = Files.writeString(folder.resolve("a b\nü"), "x");
    Files.createLink(folder.resolve("hard"), file);
    FileTrial trial = matrix.trial("seen");
    order(file, false).inject(trial);
    assertFalse(Files.exists(file));
    trial.destroy(false);
    assertEquals("x", Files.readString(file));
    matrix.holds(order(file, false));
    matrix.holds(order(Files.writeString(folder.resolve("x".repeat(255)), "long"), false));
  }

  @Test
  void takesLinksAndFoldersAwayThemselves() throws IOException {
    Path kept = Files.writeString(folder.resolve("kept"), "x");
    Path link = Files.createSymbolicLink(folder.resolve("link"), kept);
    matrix.holds(order(link, false));
    matrix.holds(order(tree(), false));
    matrix.holds(order(Path.of(folder + "/tree/deep/.."), false));
  }

  @Test
  void waitsForATakenNameOrGivesBackBesideIt() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "ours");
    FileTrial trial = matrix.trial("taken");
    order(file, false).inject(trial);
    Files.writeString(file, "theirs");
    assertInstanceOf(Outcome.Stuck.class, trial.destroy(false).getFirst());
    assertEquals("theirs", Files.readString(file));
    assertInstanceOf(Outcome.Conflict.class, trial.destroy(true).getFirst());
    assertEquals("theirs", Files.readString(file));
    assertEquals("ours", Files.readString(folder.resolve("file.faultd-taken")));
  }

  @Test
  void comesBackWhenItsFolderWasRenamed() throws IOException {
    Path inside = Files.createDirectories(folder.resolve("inside"));
    Path file = Files.writeString(inside.resolve("file"), "x");
    FileTrial trial = matrix.trial("moved");
    order(file, false).inject(trial);
    Files.move(inside, folder.resolve("elsewhere"));
    assertEquals(new Outcome.Undone(), trial.destroy(false).getFirst());
    assertEquals("x", Files.readString(folder.resolve("elsewhere/file")));
  }

  @Test
  void deletesForGoodWhatIsThereAndNothingElse() throws IOException {
    Path kept = Files.writeString(folder.resolve("kept"), "x");
    Path tree = tree();
    FileTrial trial = matrix.trial("force");
    order(tree, true).inject(trial);
    assertFalse(Files.exists(tree));
    assertTrue(Files.exists(kept));
    assertEquals(List.of(), trial.steps());
    Path link = Files.createSymbolicLink(folder.resolve("link"), kept);
    order(link, true).inject(trial);
    assertFalse(Files.exists(link, LinkOption.NOFOLLOW_LINKS));
    assertTrue(Files.exists(kept));
  }

  @Test
  void refusesWhatCannotBe() throws IOException {
    Path tree = tree();
    refused(order(folder.resolve("absent"), false), Reason.TARGET_NOT_FOUND, "filepath");
    refused(order(Path.of("/"), true), Reason.FORBIDDEN, "filepath");
    Path point = Files.createDirectories(tree.resolve("deep/mount"));
    try (Kernel.Mounted mounted = Kernel.tmpfs(point, "size=64k")) {
      refused(order(point, false), Reason.UNSUPPORTED, "filepath");
      refused(order(tree, true), Reason.UNSUPPORTED, "filepath");
      Path inside = Files.writeString(point.resolve("file"), "x");
      mounted.readOnly();
      refused(order(inside, false), Reason.UNSUPPORTED, "filepath");
    }
    Path fixed = tree.resolve("deep/file");
    Kernel.attributes(fixed, 0x20);
    try {
      refused(order(fixed, false), Reason.UNSUPPORTED, "filepath");
      refused(order(tree, true), Reason.UNSUPPORTED, "filepath");
    } finally {
      Kernel.attributes(fixed, 0);
    }
  }

  @Test
  void deletesNothingForGoodIfANameCannotBeRead() throws Exception {
    Path tree = tree();
    var before = Fingerprint.of(folder);
    shell("touch \"$0/$(printf '\\377')\"", tree);
    try {
      FileTrial trial = matrix.trial("illegible");
      FaultException refused =
          assertThrows(FaultException.class, () -> order(tree, true).inject(trial));
      assertEquals(Reason.ILLEGAL_PARAMETER, refused.reason());
    } finally {
      shell("rm \"$0/$(printf '\\377')\"", tree);
    }
    assertEquals(before, Fingerprint.of(folder));
  }

  /** For names that Java cannot write. */
  private static void shell(String command, Path argument) throws Exception {
    assertEquals(0, new ProcessBuilder("sh", "-c", command, argument.toString()).start().waitFor());
  }

  @Test
  void isFoundBySweepsWithoutARecord() throws IOException {
    tree();
    Path file = Files.writeString(folder.resolve("tree/a b"), "x");
    var before = Fingerprint.of(folder);
    order(file, false).inject(matrix.trial("lost"));
    Path unsure = Files.writeString(folder.resolve(".faultd-01234567-lost-9"), "whose?");
    Set<Path> folders = Set.of(file.getParent(), folder);
    assertEquals(
        new Sweep.Swept(List.of(), List.of()), Sweep.over(new Sweep.Scope("another", folders)));
    Sweep.Swept swept = Sweep.over(new Sweep.Scope("lost", folders));
    assertEquals(List.of(file.toString()), swept.undone());
    assertEquals(List.of(unsure.toString()), swept.unsure());
    Files.delete(unsure);
    assertEquals(before, Fingerprint.of(folder));
  }
}
