package io.faultd.experiment;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Kernel;
import io.faultd.testing.LoopDisk;
import io.faultd.testing.Requires;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When what could not be undone is tried again. */
class RetryTest {
  private static final long BEGIN = Long.MAX_VALUE - 5; // nanoTime() may be anything, and overflow

  @Test
  void waitsTwiceAsLongEachTimeUpToFiveMinutes() {
    Retry retry = new Retry(BEGIN);
    List<Long> pauses = new ArrayList<>();
    long now = BEGIN;
    for (int i = 0; i < 12; i++) {
      long took = i * 1_000_000L; // it is counted from the end of a try
      retry.failed(now + took);
      pauses.add(Duration.ofNanos(retry.due() - now - took).toSeconds());
      now = retry.due();
    }
    assertEquals(List.of(1L, 2L, 4L, 8L, 16L, 32L, 64L, 128L, 256L, 300L, 300L, 300L), pauses);
  }

  @Test
  void tryingBeforeItIsDuePutsNothingOff() {
    Retry retry = new Retry(BEGIN);
    retry.failed(BEGIN);
    long due = retry.due();
    for (int i = 0; i < 100; i++) {
      retry.failed(due - 1);
    }
    assertEquals(due, retry.due());
    retry.failed(due);
    assertEquals(Duration.ofSeconds(2).toNanos(), retry.due() - due);
  }

  @Test
  @Requires("root")
  void destroyTriesAtOnceWhateverIsDue(@TempDir Path folder) throws Exception {
    Path name = Files.writeString(folder.resolve("name"), "theirs");
    try (Node node = Node.on(folder.resolve("data")).start()) {
      node.succeed(Node.order("left", "file", "delete", Map.of("filepath", name.toString())));
      Files.writeString(name, "somebody else's");
      assertEquals(1, tries(node.destroy("left")));
      eventually("tried again by itself", () -> tries(node.get("left")) == 2);
      // now nothing is due for two seconds
      long begin = System.nanoTime();
      for (int tries = 3; tries < 8; tries++) {
        assertEquals(tries, tries(node.destroy("left")));
      }
      Files.delete(name);
      assertEquals(Status.DESTROYED, node.destroy("left").status());
      assertTrue(System.nanoTime() - begin < 1_900_000_000L, "it was not waited for");
      assertEquals("theirs", Files.readString(name));
    }
  }

  @Test
  void failuresWhileItIsInPlacePutNoLaterUndoOff(@TempDir Path folder) throws Exception {
    Node.Held held = new Node.Held();
    AtomicInteger rounds = new AtomicInteger();
    try (Node node = Node.on(folder.resolve("data")).start()) {
      String uid =
          node.succeed(
              Node.run(on -> {
                on.hold("held", held);
                on.repeat(
                    Duration.ofSeconds(1),
                    () -> {
                      rounds.incrementAndGet();
                      throw new IllegalStateException("defect");
                    });
              }));
      eventually("five rounds", () -> rounds.get() >= 5);
      held.stuck = new IllegalStateException("no descriptors");
      long begin = System.nanoTime();
      assertEquals(Status.ERROR, node.destroy(uid).status());
      held.stuck = null;
      node.await(uid, Status.DESTROYED);
      assertTrue(System.nanoTime() - begin < 2_500_000_000L, "it was put off");
    }
  }

  @Test
  @Requires({"root", "ext4"})
  void aVolumeThatIsUnmountedEndsItAndIsWaitedFor(@TempDir Path folder) throws Exception {
    Path point = Files.createDirectories(folder.resolve("mount"));
    Path file = point.resolve("file");
    Set<PosixFilePermission> before;
    try (LoopDisk disk = LoopDisk.of(LoopDisk.ext4(folder.resolve("image")));
        Node node = Node.on(folder.resolve("data")).start()) {
      try (Kernel.Mounted mounted = disk.mount(point)) {
        before = Files.getPosixFilePermissions(Files.writeString(file, "theirs"));
        node.succeed(Node.chmod("away", file));
        assertEquals(Set.of(), Files.getPosixFilePermissions(file));
      }
      unmounted(node, "away", "nothing is mounted from /dev/loop");
      try (Kernel.Mounted mounted = disk.mount(point)) {
        assertEquals(List.of(), node.await("away", Status.DESTROYED).warnings());
        assertEquals(before, Files.getPosixFilePermissions(file));
      }
    }
  }

  @Test
  @Requires("root")
  void memoryThatIsUnmountedEndsItAndIsGivenUpByForceOnly(@TempDir Path folder) throws Exception {
    Path point = Files.createDirectories(folder.resolve("mount"));
    try (Node node = Node.on(folder.resolve("data")).start()) {
      try (Kernel.Mounted mounted = Kernel.tmpfs(point, "size=64k")) {
        node.succeed(Node.chmod("lost", Files.writeString(point.resolve("file"), "theirs")));
        assertTrue(Files.exists(mounted.point().resolve("file")));
      }
      unmounted(node, "lost", "nothing is mounted from tmpfs");
      assertEquals(Status.ERROR, node.destroy("lost").status());
      assertEquals(Status.DESTROYED, node.engine.destroy("lost", true).experiment().status());
    }
  }

  private static void unmounted(Node node, String uid, String why) throws Exception {
    long begin = System.nanoTime();
    Experiment record = node.await(uid, Status.ERROR);
    assertTrue(System.nanoTime() - begin < 2_000_000_000L, "seen within two seconds");
    assertTrue(record.error().startsWith("target-gone: target not mounted: "), record + "");
    eventually(uid + " waits", () -> !node.get(uid).residue().isEmpty());
    assertTrue(node.get(uid).residue().getFirst().error().contains(why), node.get(uid) + "");
  }

  private static int tries(Experiment record) {
    return record.residue().getFirst().tries();
  }
}
