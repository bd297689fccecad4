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
import io.faultd.testing.Kernel;
import io.faultd.testing.Requires;
import io.faultd.testing.Victim;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Requires("root")
class IdentitiesTest {
  @TempDir Path folder;

  private static FileIdentity identity(Path path) throws IOException {
    try (Fd handle = Open.path(path.toString())) {
      return Identities.of(Root.OWN, handle, path.toString());
    }
  }

  @Test
  void findsAFileWhereverItWasMovedAndNotItsSuccessor() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "x");
    FileIdentity wanted = identity(file);
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
      FileIdentity first = identity(file);
      Files.delete(file);
      Files.writeString(file, "x");
      assertNotEquals(first, identity(file));
      assertInstanceOf(Finding.Gone.class, Identities.find(first));
    }
  }

  @Test
  void saysThatAFileSystemIsNotThere() throws IOException {
    Path point = Files.createDirectories(folder.resolve("mount"));
    FileIdentity wanted;
    try (Kernel.Mounted mounted = Kernel.tmpfs(point, "size=64k")) {
      wanted = identity(Files.writeString(mounted.point().resolve("file"), "x"));
    }
    assertInstanceOf(Finding.Unreachable.class, Identities.find(wanted));
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
