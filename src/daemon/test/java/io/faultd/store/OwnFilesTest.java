package io.faultd.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Requires;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A data folder that somebody else has prepared is refused, and not written to. */
@Requires("root")
class OwnFilesTest {
  @TempDir private Path home;
  private Path folder;
  private Path others;

  @BeforeEach
  void prepare() throws Exception {
    folder = home.resolve("data");
    new DataFolder(folder).close();
    others = Files.writeString(home.resolve("others"), "theirs");
  }

  private void assertRefused(Path named, String flaw) throws Exception {
    IOException refusal = assertThrows(IOException.class, () -> new DataFolder(folder));
    String message = String.valueOf(refusal.getMessage());
    assertTrue(message.startsWith("data.dir: " + named + " " + flaw), message);
    assertTrue(message.endsWith("; use a folder that only root can change"), message);
    assertEquals("theirs", Files.readString(others));
  }

  @Test
  void itsOwnIsTaken() throws Exception {
    new DataFolder(folder).close();
  }

  @Test
  void aLinkInItsPlace() throws Exception {
    Path link = Files.createSymbolicLink(home.resolve("link"), folder);
    folder = link;
    assertRefused(link, "is a link to");
  }

  @Test
  void oneOfAnotherUserOrThatOthersCanWrite() throws Exception {
    Files.setAttribute(folder, "unix:uid", 4711);
    assertRefused(folder, "belongs to user 4711");
    Files.setAttribute(folder, "unix:uid", 0);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertRefused(folder, "can be written by every user");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwx---"));
    Files.setAttribute(folder, "unix:gid", 4711);
    assertRefused(folder, "can be written by group 4711");
  }

  @ParameterizedTest
  @ValueSource(strings = {"lock", "faultd.db", "faultd.db-wal", "faultd.db-shm", "reserve"})
  void aFileThatIsALinkHasTwoNamesOrIsAnothers(String name) throws Exception {
    Path file = folder.resolve(name);
    Files.deleteIfExists(file);
    Files.createSymbolicLink(file, others);
    assertRefused(file, "is a link to");
    Files.delete(file);
    Files.createLink(file, others);
    assertRefused(file, "has another name elsewhere");
    Files.delete(file);
    Files.createFile(file);
    Files.setAttribute(file, "unix:uid", 4711);
    assertRefused(file, "belongs to user 4711");
  }

  @ParameterizedTest
  @ValueSource(strings = {"scratch", "lib"})
  void aFolderInItThatIsALinkOrAnothers(String name) throws Exception {
    Path inner = folder.resolve(name);
    Files.deleteIfExists(inner);
    Files.createSymbolicLink(inner, home);
    assertRefused(inner, "is a link to");
    Files.delete(inner);
    Files.createDirectory(inner);
    Files.setAttribute(inner, "unix:uid", 4711);
    assertRefused(inner, "belongs to user 4711");
  }
}
