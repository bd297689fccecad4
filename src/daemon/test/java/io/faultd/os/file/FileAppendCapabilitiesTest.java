package io.faultd.os.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.linux.Fd;
import io.faultd.linux.file.Attributes;
import io.faultd.linux.file.Open;
import io.faultd.rollback.Outcome;
import io.faultd.rollback.Rollback;
import io.faultd.testing.FileTrial;
import io.faultd.testing.Fingerprint;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A program that may do more than others loses that with each write to it. */
@Requires("root")
class FileAppendCapabilitiesTest extends FileTest {
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

  private FileTrial.Journal journal() throws IOException {
    return new FileTrial.Journal(
        new Rollback(Files.createDirectories(temporary.resolve("scratch"))));
  }

  @Test
  void givesCapabilitiesBackThatEachWriteTakesAway() throws IOException {
    Path file = file("before\n");
    capabilities(file, 10);
    assertTrue(Fingerprint.of(folder).toString().contains("security.capability"));
    matrix.holds(order(file, "x", null));
    for (boolean reversed : List.of(true, false)) {
      var before = Fingerprint.of(folder);
      FileTrial.Journal journal = journal();
      FileTrial first = new FileTrial(journal, "first");
      FileTrial second = new FileTrial(journal, "second");
      order(file, "first", Duration.ofSeconds(1)).inject(first);
      order(file, "second", null).inject(second);
      first.repeated.make();
      assertFalse(Fingerprint.of(folder).toString().contains("security.capability"));
      undone(reversed ? second : first);
      undone(reversed ? first : second);
      assertEquals(before, Fingerprint.of(folder));
    }
  }

  @Test
  void leavesCapabilitiesAsOthersSetThemLast() throws IOException {
    Path file = file("before\n");
    capabilities(file, 10);
    FileTrial trial = matrix.trial("set");
    order(file, "x", null).inject(trial);
    capabilities(file, 12);
    String theirs = Fingerprint.of(folder).toString().replaceAll("(?s).*security", "");
    undone(trial);
    assertEquals(theirs, Fingerprint.of(folder).toString().replaceAll("(?s).*security", ""));
    FileTrial written = matrix.trial("written");
    order(file, "x", null).inject(written);
    Files.writeString(file, "theirs\n", StandardOpenOption.APPEND);
    undone(written);
    assertFalse(Fingerprint.of(folder).toString().contains("security"), "their write took them");
  }

  /** As setcap(8): struct vfs_cap_data of linux/capability.h, revision 2, effective. */
  private static void capabilities(Path file, int number) throws IOException {
    byte[] value =
        ByteBuffer.allocate(20)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(0x02000001)
            .putInt(1 << number)
            .array();
    try (Fd handle = Open.path(file.toString());
        Fd fd = Open.reading(handle, file.toString())) {
      Attributes.write(fd, Map.of("security.capability", value), file.toString());
    }
  }
}
