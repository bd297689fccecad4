package io.faultd.os.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Undo;
import io.faultd.rollback.Outcome;
import io.faultd.rollback.Sighting;
import io.faultd.testing.FileTrial;
import io.faultd.testing.Fingerprint;
import io.faultd.testing.Kernel;
import io.faultd.testing.LoopDisk;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;

/** A file system that is away for now has its files when it comes back, and their changes. */
@Requires({"root", "ext4"})
class AwayVolumeTest extends FileTest {

  private void files() throws IOException {
    Files.writeString(folder.resolve("file"), "theirs");
    Files.createDirectories(folder.resolve("to"));
  }

  private List<Map.Entry<String, FileTrial.Order>> orders() {
    String file = folder.resolve("file").toString();
    String to = folder.resolve("to").toString();
    String deep = folder.resolve("new/deep").toString();
    return List.of(
        order("chmod", on -> new FileChmod().inject(new FileChmod.Params(file, 0400), on)),
        order(
            "append",
            on ->
                new FileAppend()
                    .inject(new FileAppend.Params(file, "ours", 1, null, false, false, null), on)),
        order("delete", on -> new FileDelete().inject(new FileDelete.Params(file, false), on)),
        order(
            "delete of a folder",
            on -> new FileDelete().inject(new FileDelete.Params(to, false), on)),
        order("move", on -> new FileMove().inject(new FileMove.Params(file, to, false, false), on)),
        order(
            "move into a new folder",
            on -> new FileMove().inject(new FileMove.Params(file, deep, false, true), on)),
        order(
            "add",
            on -> new FileAdd().inject(new FileAdd.Params(deep, false, "ours", false, true), on)),
        order(
            "add of a folder",
            on -> new FileAdd().inject(new FileAdd.Params(deep, true, "", false, true), on)));
  }

  private static Map.Entry<String, FileTrial.Order> order(String name, FileTrial.Order order) {
    return Map.entry(name, order);
  }

  @Test
  void isWaitedForWhateverWasDoneInIt() throws IOException {
    try (LoopDisk disk = LoopDisk.of(LoopDisk.ext4(temporary.resolve("image")))) {
      for (var each : orders()) {
        Changed changed;
        try (Kernel.Mounted mounted = disk.mount(folder)) {
          changed = change(each);
        }
        waits(changed, "nothing is mounted from /dev/loop");
        comesBack(disk, changed);
      }
    }
  }

  @Test
  void isNotTakenForAnotherThatHasItsDevice() throws IOException {
    Path image = LoopDisk.ext4(temporary.resolve("image"));
    Path another = LoopDisk.ext4(temporary.resolve("another"));
    try (LoopDisk disk = LoopDisk.of(image)) {
      for (var each : orders()) {
        Changed changed;
        try (Kernel.Mounted mounted = disk.mount(folder)) {
          changed = change(each);
        }
        disk.replace(another);
        try (Kernel.Mounted mounted = disk.mount(folder)) {
          files();
          SortedMap<String, String> others = Fingerprint.of(mounted.point());
          waits(changed, "another file system is mounted from /dev/loop");
          assertEquals(others, Fingerprint.of(mounted.point()), each.getKey());
        }
        disk.replace(image);
        comesBack(disk, changed);
      }
    }
  }

  /** Its files have the same inodes, handles and times of birth. */
  @Test
  void isNotTakenForACopyOfItThatHasItsDevice() throws IOException {
    Path image = LoopDisk.ext4(temporary.resolve("image"));
    try (LoopDisk disk = LoopDisk.of(image)) {
      for (var each : orders()) {
        Changed changed;
        try (Kernel.Mounted mounted = disk.mount(folder)) {
          changed = change(each);
        }
        disk.replaceByCopy(temporary.resolve("copy"));
        try (Kernel.Mounted mounted = disk.mount(folder)) {
          SortedMap<String, String> others = Fingerprint.of(mounted.point());
          waits(changed, "another file system is mounted from /dev/loop");
          assertEquals(others, Fingerprint.of(mounted.point()), each.getKey());
        }
        disk.replace(image);
        comesBack(disk, changed);
      }
    }
  }

  /** An overlay has another number each time, and files without handles. */
  @Test
  void isKnownByItsUpperFolderIfItIsAnOverlay() throws IOException {
    Path lower = Files.createDirectories(temporary.resolve("lower"));
    Path upper = Files.createDirectories(temporary.resolve("upper"));
    Path work = Files.createDirectories(temporary.resolve("overlay"));
    Path other = Files.createDirectories(temporary.resolve("other"));
    for (var each : orders()) {
      Changed changed;
      try (Kernel.Mounted mounted = Kernel.overlay(folder, lower, upper, work)) {
        changed = change(each);
      }
      waits(changed, "nothing is mounted from overlay");
      // takes the number that it had
      try (Kernel.Mounted taken = Kernel.tmpfs(other, "size=64k");
          Kernel.Mounted mounted = Kernel.overlay(folder, lower, upper, work)) {
        undone(changed);
        assertTrue(Files.isDirectory(taken.point()));
      }
    }
  }

  /**
   * A copy of an overlay's disk has the same inodes, and the overlay on it the number that is free.
   */
  @Test
  void isNotTakenForAnOverlayWithAnotherUpperFolder() throws IOException {
    Path place = Files.createDirectories(temporary.resolve("disk"));
    Path another = Files.createDirectories(temporary.resolve("another"));
    Path image = LoopDisk.ext4(temporary.resolve("image"));
    try (LoopDisk disk = LoopDisk.of(image)) {
      for (var each : orders()) {
        Changed changed;
        try (Kernel.Mounted below = disk.mount(place);
            Kernel.Mounted mounted = overlay(below)) {
          changed = change(each);
        }
        disk.replaceByCopy(temporary.resolve("copy"));
        try (Kernel.Mounted below = disk.mount(another);
            Kernel.Mounted mounted = overlay(below)) {
          SortedMap<String, String> others = Fingerprint.of(mounted.point());
          waits(changed, "nothing is mounted from overlay");
          assertEquals(others, Fingerprint.of(mounted.point()), each.getKey());
        }
        disk.replace(image);
        try (Kernel.Mounted below = disk.mount(place);
            Kernel.Mounted mounted = overlay(below)) {
          undone(changed);
        }
      }
    }
  }

  private Kernel.Mounted overlay(Kernel.Mounted disk) throws IOException {
    return Kernel.overlay(
        folder,
        Files.createDirectories(disk.point().resolve("lower")),
        Files.createDirectories(disk.point().resolve("upper")),
        Files.createDirectories(disk.point().resolve("overlay")));
  }

  /** What an order did to a file system, and how that was before. */
  private record Changed(String name, FileTrial trial, SortedMap<String, String> before) {}

  private Changed change(Map.Entry<String, FileTrial.Order> order) throws IOException {
    files();
    SortedMap<String, String> before = Fingerprint.of(folder);
    FileTrial trial = matrix.trial("away");
    order.getValue().inject(trial);
    return new Changed(order.getKey(), trial, before);
  }

  private void waits(Changed changed, String why) throws IOException {
    for (Outcome outcome : changed.trial().destroy(false)) {
      Outcome.Stuck stuck =
          assertInstanceOf(Outcome.Stuck.class, outcome, changed.name() + ": " + outcome);
      assertTrue(stuck.error().contains(why), stuck.error());
    }
    for (Undo step : changed.trial().steps()) {
      if (!(step instanceof Undo.HiddenEntry)) {
        assertEquals(Sighting.TARGET_AWAY, matrix.look(step), changed.name());
      }
    }
  }

  private void comesBack(LoopDisk disk, Changed changed) throws IOException {
    try (Kernel.Mounted mounted = disk.mount(folder)) {
      undone(changed);
    }
  }

  private void undone(Changed changed) throws IOException {
    for (Outcome outcome : changed.trial().destroy(false)) {
      assertEquals(new Outcome.Undone(), outcome, changed.name());
    }
    assertEquals(changed.before(), Fingerprint.of(folder), changed.name());
  }
}
