package io.faultd.os.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Claim;
import io.faultd.rollback.Outcome;
import io.faultd.testing.FileTrial;
import io.faultd.testing.Fingerprint;
import io.faultd.testing.Kernel;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Files of the layers of an overlay, which change their identity with their first change. */
@Requires("root")
class OverlayTest extends FileTest {
  private Kernel.Mounted layers;
  private Kernel.Mounted overlay;
  private Path lower;
  private int mounts;

  @BeforeEach
  void layers() throws IOException {
    layers = Kernel.tmpfs(Files.createDirectories(temporary.resolve("layers")), "size=8m");
    lower = Files.createDirectories(layers.point().resolve("lower"));
    Files.createDirectories(lower.resolve("sub"));
    Files.writeString(lower.resolve("sub/file"), "of the lower layer");
    Files.createSymbolicLink(lower.resolve("sub/link"), Path.of("nowhere"));
    fresh();
  }

  /** An overlay in which nothing was copied up yet. */
  private void fresh() throws IOException {
    if (overlay != null) {
      overlay.close();
    }
    String number = Integer.toString(++mounts);
    overlay =
        Kernel.overlay(
            folder,
            lower,
            Files.createDirectories(layers.point().resolve("upper" + number)),
            Files.createDirectories(layers.point().resolve("work" + number)));
  }

  @AfterEach
  void away() throws IOException {
    overlay.close();
    layers.close();
  }

  private Path file() {
    return folder.resolve("sub/file");
  }

  private static FileTrial.Order chmod(Path path) {
    return on -> new FileChmod().inject(new FileChmod.Params(path.toString(), 0400), on);
  }

  private static FileTrial.Order delete(Path path) {
    return on -> new FileDelete().inject(new FileDelete.Params(path.toString(), false), on);
  }

  private static FileTrial.Order move(Path path, Path to) {
    return on ->
        new FileMove().inject(new FileMove.Params(path.toString(), to.toString(), false, true), on);
  }

  private static FileTrial.Order append(Path path) {
    return on ->
        new FileAppend()
            .inject(
                new FileAppend.Params(path.toString(), "ours", 1, null, false, false, null), on);
  }

  private static FileTrial.Order add(Path path) {
    return on ->
        new FileAdd().inject(new FileAdd.Params(path.toString(), false, "ours", false, true), on);
  }

  private List<Map.Entry<String, FileTrial.Order>> orders() {
    return List.of(
        Map.entry("chmod", chmod(file())),
        Map.entry("append", append(file())),
        Map.entry("delete", delete(file())),
        Map.entry("delete of a link", delete(folder.resolve("sub/link"))),
        Map.entry("move", move(file(), folder.resolve("sub/new/deep"))),
        Map.entry("add", add(folder.resolve("sub/new/deep/file"))));
  }

  @Test
  void changesWhatIsInALowerLayerAndTakesItBack() throws IOException {
    for (var each : orders()) {
      fresh();
      var before = Fingerprint.of(folder);
      FileTrial trial = matrix.trial("once");
      each.getValue().inject(trial);
      assertFalse(before.equals(Fingerprint.of(folder)), each.getKey());
      for (Outcome outcome : trial.destroy(false)) {
        assertEquals(new Outcome.Undone(), outcome, each.getKey());
      }
      assertEquals(before, Fingerprint.of(folder), each.getKey());
      fresh();
      matrix.tells = false;
      matrix.holds(each.getValue());
    }
  }

  @Test
  void claimsTheSameBeforeAndAfterTheFirstChange() throws IOException {
    FileTrial first = matrix.trial("first");
    chmod(file()).inject(first);
    FileTrial second = matrix.trial("second");
    append(file()).inject(second);
    List<String> ways = first.claims.stream().map(Claim::key).toList();
    assertTrue(
        second.claims.stream()
            .map(Claim::key)
            .filter(key -> !key.startsWith("content"))
            .allMatch(ways::contains),
        ways + " " + second.claims);
  }

  @Test
  void aFileThatOthersMovedIsNotTakenForDeleted() throws IOException {
    FileTrial trial = matrix.trial("moved");
    chmod(file()).inject(trial);
    Path elsewhere = folder.resolve("elsewhere");
    Files.move(file(), elsewhere);
    assertInstanceOf(Outcome.Stuck.class, trial.destroy(false).getFirst());
    Files.move(elsewhere, file());
    assertEquals(List.of(new Outcome.Undone()), trial.destroy(false));
  }
}
