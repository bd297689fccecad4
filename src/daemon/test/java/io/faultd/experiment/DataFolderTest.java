package io.faultd.experiment;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Effect;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.testing.Kernel;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A data folder that is taken away, full, locked, broken or too new. */
@Requires("root")
class DataFolderTest {
  @TempDir private Path folder;
  private Path data = Path.of("");
  private Path file = Path.of("");

  @BeforeEach
  void victim() throws IOException {
    data = folder.resolve("data");
    file = Files.writeString(folder.resolve("victim"), "x");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
  }

  private String mode() throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  private static void assertUnavailable(Node node, Path file) {
    FaultException refused =
        assertThrows(FaultException.class, () -> node.succeed(Node.chmod(null, file)));
    assertEquals(Reason.STORE_UNAVAILABLE, refused.reason());
  }

  @Test
  void takesNoOrderButUndoesWhenTheDatabaseIsDeleted() throws Exception {
    try (Node node = Node.on(data).start()) {
      String uid = node.succeed(Node.chmod(null, file));
      Files.delete(data.resolve("faultd.db"));
      assertUnavailable(node, folder.resolve("victim"));
      Destroyed destroyed = node.engine.destroy(uid, false);
      assertEquals(Status.DESTROYED, destroyed.experiment().status());
      assertTrue(destroyed.finished());
      assertEquals("rw-r-----", mode());
      assertFalse(destroyed.experiment().warnings().isEmpty());
      assertEquals(Status.DESTROYED, node.engine.destroy(uid, false).experiment().status());
    }
  }

  @Test
  void takesNoOrderWhenTheDatabaseIsReplaced() throws Exception {
    try (Node node = Node.on(data).start()) {
      assertEquals(0, node.store.errors());
      Path copy = Files.copy(data.resolve("faultd.db"), data.resolve("copy"));
      Files.delete(data.resolve("faultd.db"));
      Files.move(copy, data.resolve("faultd.db"));
      assertUnavailable(node, file);
      assertTrue(node.store.errors() > 0); // what the daemon does by itself may fail meanwhile, too
      assertEquals("rw-r-----", mode());
    }
  }

  @Test
  void marksLaterWhatItUndidWhileTheDatabaseWasLocked() throws Exception {
    try (Node node = Node.on(data).start()) {
      String uid = node.succeed(Node.chmod(null, file));
      try (Connection other =
              DriverManager.getConnection("jdbc:sqlite:" + data.resolve("faultd.db"));
          Statement statement = other.createStatement()) {
        statement.execute("BEGIN IMMEDIATE");
        Destroyed destroyed = node.engine.destroy(uid, false);
        assertTrue(destroyed.finished());
        assertEquals(Status.DESTROYED, destroyed.experiment().status());
        assertFalse(destroyed.experiment().warnings().isEmpty());
        assertTrue(node.store.errors() > 0, "counted, though no order was refused");
        assertEquals("rw-r-----", mode());
        for (int i = 0; i < 2; i++) {
          assertUnavailable(node, file);
        }
        statement.execute("ROLLBACK");
      }
      eventually("marked", () -> node.engine.active() == 0);
      assertEquals(Status.DESTROYED, node.store.find(uid).orElseThrow().experiment().status());
      node.destroy(node.succeed(Node.chmod(null, file)));
    }
  }

  @Test
  void undoesAndMarksOnAFullDisk() throws Exception {
    Files.createDirectories(data);
    try (var mounted = Kernel.tmpfs(data, "size=2m,mode=700")) {
      try (Node node = Node.on(data).start()) {
        String uid = node.succeed(Node.chmod(null, file));
        Path filler = data.resolve("filler");
        fill(filler);
        Path other = Files.writeString(folder.resolve("other"), "x");
        int refused = 0;
        while (refused < 6) {
          try {
            node.destroy(node.succeed(Node.chmod(null, other)));
          } catch (FaultException e) {
            assertEquals(Reason.STORE_UNAVAILABLE, e.reason());
            refused++;
          }
          fill(filler);
        }
        assertEquals(
            "rw-r--r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(other)));
        Destroyed destroyed = node.engine.destroy(uid, false);
        assertEquals(Status.DESTROYED, destroyed.experiment().status());
        assertTrue(destroyed.finished());
        assertEquals("rw-r-----", mode());
        Files.delete(filler);
        eventually("all marked", () -> node.engine.active() == 0);
        assertEquals(Status.DESTROYED, node.store.find(uid).orElseThrow().experiment().status());
        node.destroy(node.succeed(Node.chmod(null, file)));
      }
      try (Node again = Node.on(data).start()) {
        assertEquals(0, again.engine.active());
      }
    }
  }

  @Test
  void takesBytesOutFromBeforeThoseOfOthersOnAFullDisk() throws Exception {
    Files.createDirectories(data);
    try (var mounted = Kernel.tmpfs(data, "size=2m,mode=700");
        Node node = Node.on(data).start()) {
      Map<String, String> flags = Map.of("filepath", file.toString(), "content", "ours");
      String uid = node.succeed(Node.order(null, "file", "append", flags));
      Files.writeString(file, "theirs", StandardOpenOption.APPEND);
      Path filler = data.resolve("filler");
      fill(filler);
      Destroyed destroyed = node.engine.destroy(uid, false);
      assertEquals(List.of(), destroyed.experiment().residue());
      assertEquals(Status.DESTROYED, destroyed.experiment().status());
      assertEquals("xtheirs", Files.readString(file));
    }
  }

  @Test
  void whatIsInPlaceSpendsNothingOfTheReserve() throws Exception {
    Files.createDirectories(data);
    try (var mounted = Kernel.tmpfs(data, "size=2m,mode=700");
        Node node = Node.on(data).start()) {
      Node.Held held = new Node.Held();
      AtomicBoolean full = new AtomicBoolean();
      String uid =
          node.succeed(
              Node.run(on -> {
                on.hold("held", held);
                on.repeat(
                    Duration.ofSeconds(1),
                    () -> {
                      if (full.get()) {
                        throw new IOException("no room");
                      }
                    });
              }));
      for (int keys = 0, refused = 0; refused < 6; keys++) {
        fill(data.resolve("filler"));
        try {
          node.store.remember("key-" + keys, uid, "", Instant.now());
        } catch (FaultException e) {
          assertEquals(Reason.STORE_UNAVAILABLE, e.reason());
          refused++;
        }
      }
      full.set(true);
      held.state = Effect.State.DEGRADED;
      eventually(
          "warned and degraded",
          () ->
              !node.get(uid).warnings().isEmpty()
                  && node.get(uid).effect().state() == Effect.State.DEGRADED);
      assertEquals(64 * 1024, Files.size(data.resolve("reserve")));
      Destroyed destroyed = node.engine.destroy(uid, false);
      assertTrue(destroyed.finished());
      assertEquals(List.of("could not be repeated: no room"), destroyed.experiment().warnings());
    }
  }

  private static void fill(Path filler) throws IOException {
    try (RandomAccessFile out = new RandomAccessFile(filler.toFile(), "rw")) {
      out.seek(out.length());
      byte[] page = new byte[4096];
      while (true) {
        out.write(page);
      }
    } catch (IOException full) {
      assertTrue(full.getMessage().contains("space"), full.getMessage());
    }
  }

  @Test
  void undoesOnAReadOnlyDisk() throws Exception {
    Files.createDirectories(data);
    try (var mounted = Kernel.tmpfs(data, "size=8m,mode=700")) {
      Node node = Node.on(data).start();
      try (node) {
        // a mount with writers cannot be made read-only, its database can
        String uid = node.succeed(Node.chmod(null, file));
        try (Connection other =
                DriverManager.getConnection("jdbc:sqlite:" + data.resolve("faultd.db"));
            Statement statement = other.createStatement()) {
          statement.execute("BEGIN EXCLUSIVE");
          assertEquals(Status.DESTROYED, node.destroy(uid).status());
          assertEquals("rw-r-----", mode());
        }
      }
      mounted.readOnly();
      IOException refused = assertThrows(IOException.class, () -> Node.on(data).start());
      assertTrue(refused.getMessage().contains(data.toString()), refused.getMessage());
    }
  }

  @Test
  void refusesABrokenDatabaseAndANewerOne() throws Exception {
    Node.on(data).start().close();
    try (Connection other =
            DriverManager.getConnection("jdbc:sqlite:" + data.resolve("faultd.db"));
        Statement statement = other.createStatement()) {
      statement.execute("PRAGMA user_version = 999");
    }
    IOException newer = assertThrows(IOException.class, () -> Node.on(data).start());
    assertTrue(newer.getMessage().contains("newer"), newer.getMessage());
    Files.writeString(data.resolve("faultd.db"), "no database at all, but long enough".repeat(99));
    IOException broken = assertThrows(IOException.class, () -> Node.on(data).start());
    assertTrue(broken.getMessage().contains("faultd.db"), broken.getMessage());
  }

  @Test
  void keepsAReserve() throws Exception {
    try (Node node = Node.on(data).start()) {
      assertEquals(64 * 1024, Files.size(data.resolve("reserve")));
    }
  }

  @Test
  void changesNoFileIfTheWayBackCouldBeLost() throws Exception {
    Files.createDirectories(data);
    try (var mounted = Kernel.tmpfs(data, "size=8m,mode=700");
        Node node = Node.on(data).fleeting().start()) {
      FaultException refused =
          assertThrows(FaultException.class, () -> node.succeed(Node.chmod(null, file)));
      assertEquals(Reason.UNSUPPORTED, refused.reason());
      assertEquals("rw-r-----", mode());
      FaultException dry =
          assertThrows(FaultException.class, () -> node.engine.plan(Node.chmod(null, file)));
      assertEquals(Reason.UNSUPPORTED, dry.reason());
    }
  }
}
