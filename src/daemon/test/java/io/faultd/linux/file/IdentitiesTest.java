package io.faultd.linux.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.linux.Fd;
import io.faultd.linux.file.Identities.Finding;
import io.faultd.linux.proc.Procfs;
import io.faultd.testing.Descriptors;
import io.faultd.testing.Fingerprint;
import io.faultd.testing.Kernel;
import io.faultd.testing.LoopDisk;
import io.faultd.testing.Requires;
import io.faultd.testing.Victim;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Requires("root")
class IdentitiesTest {
  @TempDir Path folder;

  @Test
  void findsAFileWhereverItWasMovedAndNotItsSuccessor() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "x");
    FileIdentity wanted = Fingerprint.identity(file);
    Files.move(file, folder.resolve("moved"));
    Files.writeString(file, "another");
    Finding found = Identities.find(wanted);
    if (found instanceof Finding.Found(Fd handle)) {
      try (handle) {
        assertEquals(folder.resolve("moved").toString(), Entries.path(handle));
      }
    }
    assertInstanceOf(Finding.Found.class, found);
    Files.delete(folder.resolve("moved"));
    assertInstanceOf(Finding.Gone.class, Identities.find(wanted));
  }

  @Test
  void tellsAnInodeThatWasUsedAgainFromTheFirst() throws IOException {
    Path file = folder.resolve("file");
    for (int i = 0; i < 20; i++) {
      Files.writeString(file, "x");
      FileIdentity first = Fingerprint.identity(file);
      Files.delete(file);
      Files.writeString(file, "x");
      assertNotEquals(first, Fingerprint.identity(file));
      assertInstanceOf(Finding.Gone.class, Identities.find(first));
    }
  }

  @Test
  void saysThatAFileSystemIsNotThere() throws IOException {
    Path point = Files.createDirectories(folder.resolve("mount"));
    FileIdentity wanted;
    try (Kernel.Mounted mounted = Kernel.tmpfs(point, "size=64k")) {
      wanted = Fingerprint.identity(Files.writeString(mounted.point().resolve("file"), "x"));
    }
    assertInstanceOf(Finding.Away.class, Identities.find(wanted));
  }

  /** Its topmost folder has the number and the handle of any other's. */
  @Test
  @Requires("ext4")
  void tellsAFileSystemFromAnotherOnItsDevice() throws IOException {
    Path point = Files.createDirectories(folder.resolve("mount"));
    try (LoopDisk disk = LoopDisk.of(LoopDisk.ext4(folder.resolve("image")))) {
      FileIdentity top;
      FileIdentity file;
      try (Kernel.Mounted mounted = disk.mount(point)) {
        top = Fingerprint.identity(mounted.point());
        file = Fingerprint.identity(Files.writeString(mounted.point().resolve("file"), "x"));
        assertTrue(top.volume().id().startsWith("uuid:"), top + "");
      }
      disk.replace(LoopDisk.ext4(folder.resolve("another")));
      try (Kernel.Mounted mounted = disk.mount(point)) {
        assertTrue(Fingerprint.identity(mounted.point()).same(top));
        for (FileIdentity each : List.of(top, file, older(top), older(file))) {
          Finding.Away away =
              assertInstanceOf(Finding.Away.class, Identities.find(each), each + "");
          assertTrue(away.why().contains("another file system is mounted"), away.why());
        }
        assertInstanceOf(Finding.Gone.class, Identities.find(on(file, null)));
      }
    }
  }

  /** As a kernel before 6.9 tells it: here the UUID, folded. */
  private static FileIdentity older(FileIdentity file) {
    byte[] uuid = HexFormat.of().parseHex(file.volume().id().substring("uuid:".length()));
    ByteBuffer words = ByteBuffer.wrap(uuid).order(ByteOrder.LITTLE_ENDIAN);
    long folded = words.getLong(0) ^ words.getLong(8);
    return on(file, new Volume("ext4", "fsid:" + Long.toHexString(folded)));
  }

  private static FileIdentity on(FileIdentity file, @Nullable Volume volume) {
    return at(file, file.device(), volume);
  }

  private static FileIdentity at(FileIdentity file, long device, @Nullable Volume volume) {
    return new FileIdentity(
        device,
        file.inode(),
        file.handle(),
        file.mountSource(),
        file.mountRoot(),
        file.path(),
        null,
        volume);
  }

  @Test
  @Requires("ext4")
  void knowsAFileSystemByTheFoldedUuidToo() throws IOException {
    Path point = Files.createDirectories(folder.resolve("mount"));
    try (LoopDisk disk = LoopDisk.of(LoopDisk.ext4(folder.resolve("image")));
        Kernel.Mounted mounted = disk.mount(point)) {
      FileIdentity file =
          Fingerprint.identity(Files.writeString(mounted.point().resolve("file"), "x"));
      Files.move(mounted.point().resolve("file"), mounted.point().resolve("moved"));
      close(assertInstanceOf(Finding.Found.class, Identities.find(older(file))));
      close(
          assertInstanceOf(
              Finding.Found.class, Identities.find(older(Fingerprint.identity(point)))));
    }
  }

  /** Network file systems and ZFS have another number each time; what is mounted has a name. */
  @Test
  void knowsByItsSourceWhatHasAnotherNumberEachTime() throws Exception {
    Path point = Files.createDirectories(folder.resolve("mount"));
    Volume exported = new Volume("nfs4", null);
    FileIdentity wanted;
    try (Kernel.Mounted mounted = Kernel.mounted("server:/export", point, "tmpfs")) {
      FileIdentity file =
          Fingerprint.identity(Files.writeString(mounted.point().resolve("file"), "x"));
      wanted = at(file, file.device() + 1, exported);
      close(assertInstanceOf(Finding.Found.class, Identities.find(wanted)));
      Files.move(mounted.point().resolve("file"), mounted.point().resolve("moved"));
      close(assertInstanceOf(Finding.Found.class, Identities.find(wanted)));
      FileIdentity unnamed = at(file, file.device() + 1, file.volume());
      assertInstanceOf(Finding.Away.class, Identities.find(unnamed));
    }
    try (Victim viewer = Victim.sleeping(Victim.tag())) {
      FileIdentity ended =
          new FileIdentity(
              wanted.device(),
              wanted.inode(),
              wanted.handle(),
              wanted.mountSource(),
              wanted.mountRoot(),
              wanted.path(),
              viewer.identity(),
              exported);
      viewer.kill();
      viewer.ended();
      assertInstanceOf(Finding.Away.class, Identities.find(ended));
    }
  }

  /** Or what is undone of it would be over, and never looked at again. */
  @Test
  void aViewerThatCannotBeLookedIntoHasNotEnded() throws Exception {
    Path merged = Files.createDirectories(folder.resolve("merged"));
    for (String name : new String[] {"lower", "upper", "work"}) {
      Files.createDirectories(folder.resolve(name));
    }
    Files.writeString(folder.resolve("lower/file"), "x");
    try (Kernel.Mounted mounted =
            Kernel.overlay(
                merged, folder.resolve("lower"), folder.resolve("upper"), folder.resolve("work"));
        Victim viewer = Victim.sleeping(Victim.tag())) {
      FileIdentity wanted = seenBy(viewer, mounted.point().resolve("file"));
      try (Descriptors unused = Descriptors.none()) {
        IOException unseen = assertThrows(IOException.class, () -> Identities.find(wanted));
        assertTrue(unseen.getMessage().contains("EMFILE"), unseen.getMessage());
      }
      close(assertInstanceOf(Finding.Found.class, Identities.find(wanted)));
      viewer.kill();
      viewer.ended();
      assertInstanceOf(Finding.Gone.class, Identities.find(wanted));
    }
  }

  private static FileIdentity seenBy(Victim viewer, Path path) throws IOException {
    try (Root root = Root.of(viewer.identity(), Procfs.HOST);
        Fd handle = root.path(path.toString())) {
      return Identities.of(root, handle, path.toString());
    }
  }

  private static void close(Finding.Found found) {
    found.handle().close();
  }
}
