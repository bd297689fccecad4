package io.faultd.experiment;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.faultd.fault.Base;
import io.faultd.fault.Claim;
import io.faultd.fault.Undo;
import io.faultd.linux.ns.NetworkIdentity;
import io.faultd.linux.tc.Band;
import io.faultd.testing.Fingerprint;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an experiment that is injected anew had before. */
@Requires("root")
class EarlierLifeTest {
  private static final long NOBODYS = Long.MAX_VALUE;
  private static final String INTERFACE = "queueing:" + NOBODYS + ":2";

  @TempDir private Path folder;
  private Node node;
  private volatile CountDownLatch others = new CountDownLatch(1);
  private volatile boolean threadless;

  @BeforeEach
  void start() throws IOException {
    node = Node.on(folder.resolve("data")).start();
  }

  @AfterEach
  void stop() {
    node.close();
  }

  /** Another daemon on what a power cut would have left. */
  private Node.Setup after(Node before) throws IOException {
    return Node.on(before.snapshot(folder.resolve("copy-" + System.nanoTime()))).resume();
  }

  private Trial.Body claiming(String... keys) {
    return on -> {
      on.claim(List.of(keys).stream().map(key -> new Claim(key, true, key)).toList());
      on.hold("held", new Node.Held());
      on.undo(new Undo.HiddenEntry(Fingerprint.identity(folder), ".none", "nothing"));
    };
  }

  @Test
  void whatItNeededThenIsInNobodysWayAtTheNextStart() throws Exception {
    AtomicInteger lives = new AtomicInteger();
    String first =
        node.succeed(
            Node.run(on -> {
              if (lives.incrementAndGet() == 3) {
                on.await(Duration.ofSeconds(3), () -> others.getCount() == 0);
              }
              (lives.get() == 1 ? claiming("kept", "surplus") : claiming("kept")).inject(on);
            }));
    try (Node next = after(node).start()) {
      next.await(first, Status.SUCCESS);
      String second =
          next.succeed(
              Node.run(on -> {
                claiming("surplus").inject(on);
                others.countDown();
              }));
      Node.Setup again = after(next);
      others = new CountDownLatch(1);
      try (Node last = again.start()) {
        last.await(second, Status.SUCCESS);
        last.await(first, Status.SUCCESS);
        assertEquals(
            List.of("kept", "surplus"),
            last.store
                .unfinished()
                .flatMap(each -> each.claims().stream().map(Claim::key))
                .toList());
      }
    }
  }

  /** A node lets one of them have no thread for a while. */
  private Thread thread(Runnable work) {
    if (threadless && work instanceof Owner owner && owner.uid().equals("slow")) {
      return new Thread(work) {
        @Override
        public void start() {
          throw new OutOfMemoryError("unable to create native thread");
        }
      };
    }
    return Engine.THREADS.newThread(work);
  }

  /** The first namespace of each boot has the same cookie, and the first interfaces their index. */
  @Test
  void whoSharedAThingThatARebootTookWithItIsNoMemberOfTheOneThatCameInItsPlace() throws Exception {
    FakeTime clock = new FakeTime();
    List<Integer> seen = new CopyOnWriteArrayList<>();
    AtomicInteger bases = new AtomicInteger();
    Trial.Body joining =
        on -> {
          NetworkIdentity network = new NetworkIdentity(NOBODYS, 7, clock.bootId(), "/");
          on.join(
              INTERFACE,
              () -> {
                bases.incrementAndGet();
                return new Base.Queueing(network, 2, "eth0", List.of(), false, 0);
              });
          seen.add(on.members(INTERFACE).size());
          on.undo(new Undo.PacketBand(network, 2, "eth0", new Band(0, "", 1, 1, 0, 0, 0)));
          on.hold("held", new Node.Held());
        };
    node.succeed(Node.run("slow", joining, Map.of()));
    node.succeed(Node.run("quick", joining, Map.of()));
    assertEquals(List.of(0, 1), seen);
    assertEquals(1, bases.get());
    Node.Setup booted = after(node).time(clock).threads(this::thread);
    clock.reboot(Duration.ofMinutes(1));
    threadless = true;
    try (Node next = booted.start()) {
      next.await("quick", Status.SUCCESS);
      assertEquals(List.of(0, 1, 0), seen);
      assertEquals(2, bases.get());
      Base base = next.store.base(INTERFACE).orElseThrow();
      assertEquals(clock.bootId(), ((Base.Queueing) base).network().bootId());
      threadless = false;
      eventually("it is injected anew, too", () -> seen.equals(List.of(0, 1, 0, 1)));
    }
  }
}
