package io.faultd;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class SocketFileTest {
  @TempDir private Path home;

  @Test
  void aPathThatIsTooLongForASocketIsNamed() throws Exception {
    int room = 105 - home.toString().length() - 1;
    Path longest = home.resolve("x".repeat(room));
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        SocketFile file = new SocketFile(longest)) {
      file.clear();
      server.bind(file.draft());
      file.show();
      assertTrue(Files.exists(longest));
    }
    refused(
        () -> new SocketFile(home.resolve("x".repeat(room + 1))),
        "has 106 bytes; a socket's path has at most 105");
    refused(() -> new SocketFile(Path.of("/")), "/ is no name of a file");
    refused(() -> new SocketFile(home.resolve("ü".repeat(60))), "a socket's path has at most 105");
  }

  @Test
  void nothingGivesWayButASocketThatNobodyListensAt() throws Exception {
    Path path = home.resolve("api.sock");
    Path precious = Files.writeString(home.resolve("precious"), "data");
    Files.createSymbolicLink(path, precious);
    refused(() -> new SocketFile(path).clear(), path + " is there, and no socket");
    Files.delete(path);
    Files.createSymbolicLink(path, home.resolve("nowhere"));
    refused(() -> new SocketFile(path).clear(), path + " is there, and no socket");
    Files.delete(path);
    Files.copy(precious, path);
    refused(() -> new SocketFile(path).clear(), path + " is there, and no socket");
    assertEquals("data", Files.readString(path));
    Files.delete(path);
    Path draft = Files.createDirectory(home.resolve(".api.sock"));
    refused(() -> new SocketFile(path).clear(), draft + " is there, and no socket");
    Files.delete(draft);
    try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      other.bind(UnixDomainSocketAddress.of(path), 1);
      refused(() -> new SocketFile(path).clear(), path + " is in use: somebody listens there");
      refused(() -> new SocketFile(path).clear(), "is in use");
      // its queue is full now: nobody takes what waits in it
      refused(() -> new SocketFile(path).clear(), "is in use");
      assertTrue(Files.exists(path, LinkOption.NOFOLLOW_LINKS));
    }
    assertDoesNotThrow(() -> new SocketFile(path).clear());
  }

  @Test
  void aFolderThatOthersCanChangeIsRefused() throws Exception {
    Path folder = Files.createDirectory(home.resolve("open"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    refused(
        () -> new SocketFile(folder.resolve("api.sock")).clear(),
        folder + " can be written by every user; the socket must be in a folder that only root");
    Path link = Files.createSymbolicLink(home.resolve("link"), home);
    refused(() -> new SocketFile(link.resolve("api.sock")).clear(), link + " is a link to " + home);
    Path made = home.resolve("made").resolve("api.sock");
    assertDoesNotThrow(() -> new SocketFile(made).clear());
    assertEquals(
        "rwx------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(made.getParent())));
  }

  @Test
  void aDaemonDoesNotStartWhereItsSocketCannotBe() throws IOException {
    Path taken = Files.createFile(home.resolve("taken"));
    refused(() -> new SocketFile(taken.resolve("api.sock")).clear(), "cannot make " + taken);
  }

  private static void refused(Executable work, String why) {
    String message = String.valueOf(assertThrows(StartException.class, work).getMessage());
    assertTrue(message.startsWith("server.socket: "), message);
    assertTrue(message.contains(why), message);
  }
}
