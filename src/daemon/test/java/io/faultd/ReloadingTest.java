package io.faultd;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReloadingTest {
  @TempDir private Path folder;

  @Test
  void whatIsNoGoodIsPassedOverAndTheNextChangeCounts() throws Exception {
    Path file = Files.writeString(folder.resolve("value"), "1");
    AtomicReference<String> value = new AtomicReference<>(Files.readString(file));
    AtomicInteger tries = new AtomicInteger();
    try (Reloading reloading =
        new Reloading(
            List.of(file),
            Reloading.look(List.of(file)),
            () -> {
              tries.incrementAndGet();
              value.set(number(file));
            })) {
      Files.writeString(file, "nonsense");
      eventually("the change is seen", () -> tries.get() == 1);
      assertEquals("1", value.get());
      Files.delete(file);
      eventually("its absence is seen", () -> tries.get() == 2);
      assertEquals("1", value.get());
      // as Kubernetes does it: by a link to another folder
      Path next = Files.createDirectories(folder.resolve("next"));
      Files.createSymbolicLink(file, Files.writeString(next.resolve("value"), "2"));
      eventually("the new one counts", () -> value.get().equals("2"));
    }
  }

  @Test
  void anotherModeIsSeenAndWhatChangedBeforeTheFirstLook() throws Exception {
    Path file = Files.writeString(folder.resolve("value"), "1");
    String seen = Reloading.look(List.of(file));
    Files.writeString(file, "2");
    AtomicInteger reads = new AtomicInteger();
    try (Reloading reloading = new Reloading(List.of(file), seen, reads::incrementAndGet)) {
      eventually("the change before is seen", () -> reads.get() == 1);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
      eventually("the new mode is seen", () -> reads.get() == 2);
    }
  }

  private static String number(Path file) {
    try {
      return Integer.toString(Integer.parseInt(Files.readString(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
