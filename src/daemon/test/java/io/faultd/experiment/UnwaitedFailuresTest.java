package io.faultd.experiment;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Orders for which nobody waits are told of when they fail, and no others. */
class UnwaitedFailuresTest {
  private static final Map<String, String> ASYNC = Map.of("async", "true");

  @TempDir private Path folder;
  private final List<String> told = new CopyOnWriteArrayList<>();
  private Node node;

  @BeforeEach
  void start() throws IOException {
    node = Node.on(folder.resolve("data")).start();
    node.engine.failuresTo(record -> told.add(record.uid() + " " + record.failure()));
  }

  @AfterEach
  void stop() {
    node.close();
  }

  @Test
  void oneThatFailsIsToldOfWithItsReason() throws Exception {
    Trial.Body broken =
        on -> {
          throw new IOException("no luck");
        };
    Trial.Body nothing =
        on -> {
          throw new FaultException(Reason.TARGET_NOT_FOUND, "no such process");
        };
    node.create(Node.run("broken", broken, ASYNC));
    node.await("broken", Status.ERROR);
    node.create(Node.run("nothing", nothing, ASYNC));
    node.await("nothing", Status.ERROR);
    eventually("both are told of", () -> told.size() == 2);
    assertEquals(List.of("broken INJECT_FAILED", "nothing TARGET_NOT_FOUND"), told);
  }

  @Test
  void oneThatSomebodyWaitsForOrDestroysIsNot() throws Exception {
    node.create(
        Node.run(
            "awaited",
            on -> {
              throw new IOException("no luck");
            },
            Map.of()));
    CountDownLatch there = new CountDownLatch(1);
    node.create(
        Node.run(
            "destroyed",
            on -> {
              there.countDown();
              on.await(Duration.ofSeconds(50), () -> false);
            },
            ASYNC));
    there.await();
    assertEquals(Status.DESTROYED, node.destroy("destroyed").status());
    node.create(Node.run("fine", on -> on.hold("held", new Node.Held()), ASYNC));
    node.await("fine", Status.SUCCESS);
    node.destroy("fine");
    assertEquals(List.of(), told);
  }
}
