package io.faultd.os.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Reason;
import io.faultd.linux.file.Contents;
import io.faultd.rollback.Outcome;
import io.faultd.testing.FileTrial;
import io.faultd.testing.Fingerprint;
import io.faultd.testing.Kernel;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@Requires("root")
class FileAddTest extends FileTest {
  private static FileTrial.Order order(
      Path path, boolean directory, @Nullable String content, boolean base64, boolean create) {
    return on ->
        new FileAdd()
            .inject(new FileAdd.Params(path.toString(), directory, content, base64, create), on);
  }

  private static FileTrial.Order file(Path path, @Nullable String content) {
    return order(path, false, content, false, false);
  }

  @Test
  void makesAFileWithItsContentAndRemovesIt() throws IOException {
    Path path = folder.resolve("b\nl ank ü");
    FileTrial trial = matrix.trial("seen");
    file(path, "$(reboot) '\"").inject(trial);
    assertEquals("$(reboot) '\"\n", Files.readString(path));
    trial.destroy(false);
    assertFalse(Files.exists(path));
    matrix.holds(file(path, null));
    matrix.holds(file(path, "content"));
  }

  @Test
  void writesBase64AsItIs() throws IOException {
    byte[] bytes = {0, 1, (byte) 0xff, '\n'};
    Path path = folder.resolve("binary");
    FileTrial trial = matrix.trial("binary");
    order(path, false, Base64.getEncoder().encodeToString(bytes), true, false).inject(trial);
    assertArrayEquals(bytes, Files.readAllBytes(path));
    trial.destroy(false);
    refused(order(path, false, "***", true, false), Reason.ILLEGAL_PARAMETER, "content");
  }

  @Test
  void makesFoldersAllAtOnce() throws IOException {
    Path deep = folder.resolve("one/two/three/file");
    FileTrial trial = matrix.trial("deep");
    order(deep, false, "x", false, true).inject(trial);
    assertEquals("x\n", Files.readString(deep));
    trial.destroy(false);
    matrix.holds(order(deep, false, "x", false, true));
    matrix.holds(order(deep, true, null, false, true));
    matrix.holds(order(folder.resolve("single"), true, null, false, false));
    matrix.holds(order(Path.of(folder + "/one//./two/"), true, "", false, true));
  }

  @Test
  void makesAFileWhereAllFilesHaveNames() throws IOException {
    Path path = folder.resolve("file");
    FileTrial.Order order =
        on -> {
          try (Site site = Site.of(on, "filepath", path.toString())) {
            Making.hidden(on, site, fd -> Contents.write(fd, 0, new byte[3], path.toString()));
          }
        };
    FileTrial trial = matrix.trial("seen");
    order.inject(trial);
    assertEquals(3, Files.size(path));
    trial.destroy(false);
    var before = Fingerprint.of(folder);
    for (int i = 0; i < 2; i++) {
      FileTrial dying = matrix.trial("dying");
      dying.lives = i;
      dying.kept = true;
      assertThrows(FileTrial.Death.class, () -> order.inject(dying));
      dying.destroy(false);
      assertEquals(before, Fingerprint.of(folder));
    }
  }

  @Test
  void keepsWhatOthersWroteIntoIt() throws IOException {
    Path path = folder.resolve("file");
    FileTrial trial = matrix.trial("written");
    file(path, "ours").inject(trial);
    Files.writeString(path, "theirs");
    assertInstanceOf(Outcome.Conflict.class, trial.destroy(false).getFirst());
    assertEquals("theirs", Files.readString(path));
  }

  @Test
  void keepsWhatReplacedIt() throws IOException {
    Path path = folder.resolve("file");
    FileTrial trial = matrix.trial("replaced");
    file(path, "ours").inject(trial);
    Files.delete(path);
    Files.writeString(path, "ours\n");
    var theirs = Fingerprint.of(folder);
    assertInstanceOf(Outcome.Conflict.class, trial.destroy(false).getFirst());
    assertEquals(theirs, Fingerprint.of(folder));
  }

  @Test
  void keepsAFolderThatOthersPutSomethingInto() throws IOException {
    Path path = folder.resolve("new/deep");
    FileTrial trial = matrix.trial("folder");
    order(path, true, null, false, true).inject(trial);
    Path theirs = Files.writeString(path.resolve("theirs"), "x");
    var outcomes = trial.destroy(false);
    assertTrue(outcomes.stream().anyMatch(Outcome.Conflict.class::isInstance), outcomes.toString());
    assertEquals("x", Files.readString(theirs));
  }

  @Test
  void refusesWhatIsThereAndWhatCannotBe() throws IOException {
    Path there = Files.writeString(folder.resolve("there"), "x");
    Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), Path.of("nowhere"));
    refused(file(there, "y"), Reason.CONFLICT, "filepath");
    refused(file(dangling, "y"), Reason.CONFLICT, "filepath");
    refused(file(folder, "y"), Reason.CONFLICT, "filepath");
    refused(file(folder.resolve("no/file"), "y"), Reason.TARGET_NOT_FOUND, "filepath");
    refused(
        order(there.resolve("file"), false, "y", false, true),
        Reason.ILLEGAL_PARAMETER,
        "filepath");
    refused(
        order(Path.of(folder + "/no/../file"), false, "y", false, true),
        Reason.ILLEGAL_PARAMETER,
        "filepath");
    refused(
        order(dangling.resolve("file"), false, "y", false, true),
        Reason.ILLEGAL_PARAMETER,
        "filepath");
    refused(
        order(folder.resolve("d"), true, "content", false, false),
        Reason.ILLEGAL_PARAMETER,
        "content");
    refused(
        on -> new FileAdd().inject(new FileAdd.Params("/no\ud800pe", false, null, false, true), on),
        Reason.ILLEGAL_PARAMETER,
        "filepath");
    refused(file(folder.resolve("x".repeat(256)), "y"), Reason.ILLEGAL_PARAMETER, "filepath");
  }

  @Test
  void leavesNothingOnAFullDiskAndRefusesAFixedFolderOrMount() throws IOException {
    Path point = Files.createDirectories(temporary.resolve("mount"));
    try (Kernel.Mounted mounted = Kernel.tmpfs(point, "size=64k")) {
      FileTrial trial = matrix.trial("full");
      IOException full =
          assertThrows(
              IOException.class,
              () -> file(point.resolve("file"), "x".repeat(100_000)).inject(trial));
      assertTrue(full.getMessage().contains("No space left"), full.getMessage());
      trial.destroy(false);
      assertTrue(Fingerprint.of(point).isEmpty());
      file(point.resolve("small"), "x").inject(trial);
      trial.destroy(false);
      mounted.readOnly();
      refused(file(point.resolve("file"), "x"), Reason.UNSUPPORTED, "filepath");
    }
    Kernel.attributes(folder, 0x10);
    try {
      refused(file(folder.resolve("file"), "x"), Reason.UNSUPPORTED, "filepath");
    } finally {
      Kernel.attributes(folder, 0);
    }
  }
}
