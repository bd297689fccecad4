package io.faultd.os.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Reason;
import io.faultd.rollback.Outcome;
import io.faultd.testing.FileTrial;
import io.faultd.testing.Fingerprint;
import io.faultd.testing.Kernel;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import org.junit.jupiter.api.Test;

@Requires("root")
class FileMoveTest extends FileTest {
  private static FileTrial.Order order(Path path, Path target, boolean force, boolean create) {
    return on ->
        new FileMove()
            .inject(new FileMove.Params(path.toString(), target.toString(), force, create), on);
  }

  private Path file() throws IOException {
    return Files.writeString(folder.resolve("a b\nü"), "ours");
  }

  @Test
  void movesAndMovesBack() throws IOException {
    Path file = file();
    Path target = Files.createDirectories(folder.resolve("target"));
    FileTrial trial = matrix.trial("seen");
    order(file, target, false, false).inject(trial);
    assertFalse(Files.exists(file));
    assertEquals("ours", Files.readString(target.resolve(file.getFileName())));
    trial.destroy(false);
    matrix.holds(order(file, target, false, false));
    matrix.holds(order(file, Path.of(target + "/../target/"), false, false));
    Path tree = Files.createDirectories(folder.resolve("tree/deep")).getParent();
    matrix.holds(order(tree, target, false, false));
  }

  @Test
  void replacesAFileForTheTime() throws IOException {
    Path file = file();
    Path target = Files.createDirectories(folder.resolve("target"));
    Path there = Files.writeString(target.resolve(file.getFileName()), "theirs");
    refused(order(file, target, false, false), Reason.CONFLICT, "target");
    FileTrial trial = matrix.trial("force");
    order(file, target, true, false).inject(trial);
    assertEquals("ours", Files.readString(there));
    trial.destroy(false);
    assertEquals("theirs", Files.readString(there));
    matrix.holds(order(file, target, true, false));
  }

  @Test
  void makesTheTarget() throws IOException {
    Path file = file();
    Path target = folder.resolve("new/deep");
    refused(order(file, target, false, false), Reason.TARGET_NOT_FOUND, "target");
    FileTrial trial = matrix.trial("create");
    order(file, target, false, true).inject(trial);
    assertEquals("ours", Files.readString(target.resolve(file.getFileName())));
    trial.destroy(false);
    matrix.holds(order(file, target, false, true));
  }

  @Test
  void copiesToAnotherFileSystemAndKeepsTheOriginal() throws IOException {
    Path file = file();
    Files.setAttribute(file, "unix:mode", 04751);
    Files.setAttribute(file, "unix:uid", 1234);
    Files.setAttribute(file, "unix:mode", 04751);
    Files.getFileAttributeView(file, UserDefinedFileAttributeView.class)
        .write("label", ByteBuffer.wrap(new byte[] {1, 2}));
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000_000_123L));
    Path point = Files.createDirectories(temporary.resolve("mount"));
    try (Kernel.Mounted mounted = Kernel.tmpfs(point, "size=64k")) {
      matrix.holds(order(file, point, false, false));
      assertTrue(Fingerprint.of(point).isEmpty());
      String before = Fingerprint.of(folder).values().iterator().next();
      FileTrial trial = matrix.trial("copy");
      order(file, point, false, false).inject(trial);
      String copy = Fingerprint.of(point).values().iterator().next();
      assertEquals(before.replaceAll("inode \\d+", ""), copy.replaceAll("inode \\d+", ""));
      Files.writeString(point.resolve(file.getFileName()), "changed");
      var outcomes = trial.destroy(false);
      assertInstanceOf(Outcome.Conflict.class, outcomes.getFirst());
      assertEquals("ours", Files.readString(file));
      assertEquals("changed", Files.readString(point.resolve(file.getFileName())));
      Path tree = Files.createDirectories(folder.resolve("tree"));
      refused(order(tree, point, false, false), Reason.UNSUPPORTED, "target");
      mounted.readOnly();
      refused(order(file, point, true, false), Reason.UNSUPPORTED, "target");
    }
  }

  @Test
  void refusesWhatCannotBe() throws IOException {
    Path file = file();
    Path tree = Files.createDirectories(folder.resolve("tree/deep")).getParent();
    refused(order(file, file, false, false), Reason.ILLEGAL_PARAMETER, "target");
    refused(order(file, folder, true, false), Reason.CONFLICT, "target");
    refused(order(tree, tree.resolve("deep"), true, false), Reason.ILLEGAL_PARAMETER, "target");
    refused(order(tree, tree.resolve("new"), true, true), Reason.ILLEGAL_PARAMETER, "target");
    refused(order(folder.resolve("no"), tree, false, false), Reason.TARGET_NOT_FOUND, "filepath");
    Files.createDirectories(tree.resolve(file.getFileName()));
    refused(order(file, tree, true, false), Reason.CONFLICT, "target");
  }
}
