package io.faultd.os.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.faultd.fault.Reason;
import io.faultd.rollback.Outcome;
import io.faultd.testing.FileTrial;
import io.faultd.testing.Kernel;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

@Requires("root")
class FileChmodTest extends FileTest {
  private static int mode(Path path) throws IOException {
    return (int) Files.getAttribute(path, "unix:mode") & 07777;
  }

  private static FileTrial.Order order(Path path, int mode) {
    return on -> new FileChmod().inject(new FileChmod.Params(path.toString(), mode), on);
  }

  @Test
  void changesTheModeAndPutsItBack() throws IOException {
    Path file = Files.writeString(folder.resolve("a blank\nnewline ü .. x"), "bytes");
    FileTrial trial = matrix.trial("seen");
    order(file, 04711).inject(trial);
    assertEquals(04711, mode(file));
    trial.destroy(false);
    matrix.holds(order(file, 0));
    matrix.holds(order(folder, 01777));
  }

  @Test
  void followsALinkAndDots() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "bytes");
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("file"));
    FileTrial trial = matrix.trial("link");
    order(link, 0600).inject(trial);
    assertEquals(0600, mode(file));
    trial.destroy(false);
    String roundabout = folder + "/../" + folder.getFileName() + "/./link/";
    matrix.holds(order(Path.of(roundabout), 0600));
  }

  @Test
  void restoresTheModeAfterTheFileWasRenamed() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "bytes");
    int before = mode(file);
    FileTrial trial = matrix.trial("renamed");
    order(file, 0).inject(trial);
    Path moved = Files.move(file, folder.resolve("moved"));
    Files.writeString(file, "another of the same name");
    int another = mode(file);
    assertEquals(new Outcome.Undone(), trial.destroy(false).getFirst());
    assertEquals(before, mode(moved));
    assertEquals(another, mode(file));
  }

  @Test
  void keepsAModeThatSomebodyElseSet() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "bytes");
    FileTrial trial = matrix.trial("foreign");
    order(file, 0).inject(trial);
    Files.setAttribute(file, "unix:mode", 0640);
    assertInstanceOf(Outcome.Conflict.class, trial.destroy(false).getFirst());
    assertEquals(0640, mode(file));
  }

  @Test
  void refusesWhatCannotBe() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "bytes");
    Files.setAttribute(file, "unix:mode", 0640);
    refused(order(file, 0640), Reason.CONFLICT, "mark");
    refused(order(folder.resolve("absent"), 0), Reason.TARGET_NOT_FOUND, "filepath");
    refused(order(Path.of("relative"), 0), Reason.ILLEGAL_PARAMETER, "filepath");
    refused(order(Path.of(file + "/under"), 0), Reason.ILLEGAL_PARAMETER, "filepath");
    refused(order(Path.of("/"), 0), Reason.FORBIDDEN, "filepath");
    for (String bad : new String[] {"/a\0b", "/a\ud800b", ""}) {
      refused(
          on -> new FileChmod().inject(new FileChmod.Params(bad, 0), on),
          Reason.ILLEGAL_PARAMETER,
          "filepath");
    }
  }

  @Test
  void refusesAnImmutableFileAndAReadOnlyMount() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "bytes");
    Kernel.attributes(file, 0x10);
    try {
      refused(order(file, 0), Reason.UNSUPPORTED, "filepath");
    } finally {
      Kernel.attributes(file, 0);
    }
    Path point = Files.createDirectories(temporary.resolve("a mount"));
    try (Kernel.Mounted mounted = Kernel.tmpfs(point, "size=64k")) {
      Path inside = Files.writeString(point.resolve("file"), "bytes");
      mounted.readOnly();
      refused(order(inside, 0), Reason.UNSUPPORTED, "filepath");
    }
  }
}
