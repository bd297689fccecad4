package io.faultd.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.testing.Requires;
import io.faultd.testing.Victim;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Destroying what no record tells of, by its order: what carries no mark is told, not touched. */
@Requires("root")
class UnrecordedTest {
  @TempDir private Path temporary;
  private Node node;
  private Path file;

  @BeforeEach
  void start() throws IOException {
    node = Node.on(temporary.resolve("data")).start();
    file = Files.writeString(temporary.resolve("file"), "original\n");
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private List<String> unsure(String target, String action, Map<String, String> flags) {
    Experiments.Swept swept = node.engine.sweep("lost", Node.order("lost", target, action, flags));
    assertEquals(List.of(), swept.undone());
    return swept.unsure();
  }

  private Reason refused(String target, String action, Map<String, String> flags) {
    return assertThrows(FaultException.class, () -> unsure(target, action, flags)).reason();
  }

  @Test
  void aProcessThatIsStoppedIsUnsureAndStaysSo() throws Exception {
    try (Victim victim = Victim.sleeping(Victim.tag())) {
      Map<String, String> flags = Map.of("pid", Integer.toString(victim.pid()));
      assertEquals(Reason.UNKNOWN_UID, refused("process", "stop", flags));
      victim.stop();
      List<String> unsure = unsure("process", "stop", flags);
      assertEquals(1, unsure.size(), unsure::toString);
      assertTrue(unsure.getFirst().contains("stopped already"), unsure::toString);
      assertEquals('T', io.faultd.linux.proc.Procfs.HOST.stat(victim.pid()).orElseThrow().state());
    }
  }

  @Test
  void aModeThatIsAsTheOrderWouldSetItIsUnsure() throws Exception {
    Map<String, String> flags = Map.of("filepath", file.toString(), "mark", "0400");
    assertEquals(Reason.UNKNOWN_UID, refused("file", "chmod", flags));
    Files.setAttribute(file, "unix:mode", 0400);
    List<String> unsure = unsure("file", "chmod", flags);
    assertTrue(unsure.getFirst().contains(file.toString()), unsure::toString);
  }

  @Test
  void bytesAtTheEndThatAreThoseOfTheOrderAreUnsure() throws Exception {
    Map<String, String> flags = Map.of("filepath", file.toString(), "content", "ours");
    assertEquals(Reason.UNKNOWN_UID, refused("file", "append", flags));
    Files.writeString(file, "original\nours\nof others\n");
    List<String> unsure = unsure("file", "append", flags);
    assertTrue(unsure.getFirst().contains("5 bytes appended to " + file), unsure::toString);
    assertEquals("original\nours\nof others\n", Files.readString(file));
  }

  /** Or what it makes would be swept away beneath it. */
  @Test
  void whoCreatesWhatIsBeingSweptWaits() throws Exception {
    CountDownLatch sweeping = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Sweeper slow =
        (uid, flags) -> {
          sweeping.countDown();
          awaitQuietly(go);
          return new Experiments.Swept(List.of("something"), List.of());
        };
    try (Node other = Node.on(temporary.resolve("other")).sweeper(slow).start();
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
        AutoCloseable opened = go::countDown) {
      Order order = Node.chmod("same", file);
      other.destroy(other.succeed(Node.chmod(null, file))); // loads all classes
      Future<Experiments.Swept> swept = clients.submit(() -> other.engine.sweep("same", order));
      sweeping.await();
      Future<Created> created = clients.submit(() -> other.create(order));
      assertThrows(TimeoutException.class, () -> created.get(1, TimeUnit.SECONDS));
      go.countDown();
      assertEquals(List.of("something"), swept.get(10, TimeUnit.SECONDS).undone());
      assertEquals(Status.SUCCESS, created.get(10, TimeUnit.SECONDS).experiment().status());
      FaultException has =
          assertThrows(FaultException.class, () -> other.engine.sweep("same", order));
      assertEquals(Reason.CONFLICT, has.reason());
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void whatIsNoOrderIsRefused() {
    assertEquals(Reason.UNKNOWN_ACTION, refused("file", "nonsense", Map.of()));
    assertEquals(Reason.UNKNOWN_ACTION, refused("nonsense", "chmod", Map.of()));
    assertEquals(Reason.MISSING_PARAMETER, refused("file", "chmod", Map.of("mark", "0400")));
  }
}
