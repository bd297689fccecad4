package io.faultd.linux.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.faultd.linux.Fd;
import io.faultd.linux.file.Identities.Finding;
import io.faultd.testing.Kernel;
import io.faultd.testing.Requires;
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
}
