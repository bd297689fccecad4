package io.faultd.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Cable;
import io.faultd.testing.Kernel;
import io.faultd.testing.Requires;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Overlapping faults of the network come and go on one interface, in an order that a seed decides,
 * over a tree of queues and tables of others; now and then the daemon is killed. Packets tell at
 * each step whether the effect is that of all faults together; at the end all is as it was.
 *
 * <p>Sequence number n of seed s is sequence 0 of seed s + n: {@code -Dfaultd.sequences=1
 * -Dfaultd.seed=} repeats it.
 */
@Requires({"root", "nftables", "nfqueue", "htb"})
class NetworkSequencesTest {
  private static final int MOST = 8;

  private final long seed = Long.getLong("faultd.seed", System.nanoTime());
  private final Map<String, NetworkFault> active = new LinkedHashMap<>();
  private Random random = new Random(seed);
  private int orders;
  private int destroyed;
  private int kills;
  private int resumed;
  private int measured;
  private int repeated;

  @TempDir Path base;

  @Test
  void packetsMeetAllFaultsTogetherAndInTheEndNone() throws Exception {
    System.out.println("seed: -Dfaultd.seed=" + seed);
    int sequences = Integer.getInteger("faultd.sequences", 12);
    Path data = Files.createDirectories(base.resolve("data"));
    try (var fast = Kernel.tmpfs(data, "size=256m,mode=700");
        Cable cable = Cable.open(Surroundings.QUEUES);
        Flows flows = Flows.over(cable);
        LiveDaemon daemon = new LiveDaemon(base, data)) {
      daemon.start();
      Union union = new Union(flows);
      measure(union, List.of());
      for (int i = 0; i < sequences; i++) {
        random = new Random(seed + i);
        try (Surroundings others = Surroundings.random(random)) {
          try {
            sequence(daemon, union);
          } catch (AssertionError e) {
            throw new AssertionError(
                "-Dfaultd.sequences=1 -Dfaultd.seed=%d: %s%nof others:%n%s%nactive: %s"
                    .formatted(seed + i, e.getMessage(), others, active),
                e);
          }
        }
      }
      assertEquals(List.of(), daemon.unfinished());
    }
    System.out.printf(
        "%d sequences: %d orders, %d destroys, %d kills of the daemon (%d resumed), %d measurements"
            + " (%d repeated), 0 leaks%n",
        sequences, orders, destroyed, kills, resumed, measured, repeated);
  }

  private void sequence(LiveDaemon daemon, Union union) throws Exception {
    active.clear();
    String before = Surroundings.listing();
    int length = 3 + random.nextInt(5);
    for (int i = 0; i < length; i++) {
      int choice = random.nextInt(20);
      if (choice < 11 && active.size() < MOST || active.isEmpty()) {
        order(daemon);
      } else if (choice < 17) {
        destroy(daemon, 1 + random.nextInt(2));
      } else {
        kill(daemon, union, before);
      }
      measure(union, List.copyOf(active.values()));
    }
    destroy(daemon, active.size());
    assertEquals(before, Surroundings.listing(), "left behind");
    measure(union, List.of());
  }

  private void measure(Union union, List<NetworkFault> faults) throws Exception {
    repeated += union.check(faults, random);
    measured++;
  }

  /** One order, or some at once. */
  private void order(LiveDaemon daemon) {
    List<NetworkFault> faults = new ArrayList<>();
    int count = 1 + random.nextInt(3) / 2 + random.nextInt(3) / 2;
    for (int i = 0; i < count; i++) {
      faults.add(NetworkFault.random(random));
    }
    List<String> uids = daemon.orderAll(faults.stream().map(NetworkFault::job).toList());
    for (int i = 0; i < count; i++) {
      active.put(uids.get(i), faults.get(i));
    }
    orders += count;
  }

  private void destroy(LiveDaemon daemon, int count) throws Exception {
    for (String uid : chosen(count)) {
      daemon.destroy(uid);
      active.remove(uid);
      destroyed++;
    }
  }

  private List<String> chosen(int count) {
    List<String> uids = new ArrayList<>(active.keySet());
    Collections.shuffle(uids, random);
    return uids.subList(0, Math.min(count, uids.size()));
  }

  /** In the middle of an order, of a destroy, or of nothing. */
  private void kill(LiveDaemon daemon, Union union, String before) throws Exception {
    kills++;
    boolean resume = random.nextBoolean();
    int busy = random.nextInt(3);
    if (busy == 0) {
      daemon.kill();
      // tables go with their owner; queues stay, and so does what they do
      measure(union, active.values().stream().filter(NetworkFault::outlives).toList());
    } else if (busy == 1) {
      NetworkFault fault = NetworkFault.random(random);
      String uid = daemon.orderAside(fault.job());
      dieSoon(daemon);
      restart(daemon, resume);
      if (daemon.status(uid).equals("Success")) {
        assertTrue(resume, uid + " is still in place");
        active.put(uid, fault);
      }
      orders++;
      settled(daemon, resume, before, "");
      return;
    } else {
      String uid = chosen(1).getFirst();
      daemon.destroyAside(uid);
      dieSoon(daemon);
      restart(daemon, resume);
      settled(daemon, resume, before, uid);
      return;
    }
    restart(daemon, resume);
    settled(daemon, resume, before, "");
  }

  private void dieSoon(LiveDaemon daemon) throws Exception {
    LockSupport.parkNanos(random.nextInt(12_000_000));
    daemon.kill();
  }

  private void restart(LiveDaemon daemon, boolean resume) throws Exception {
    daemon.start(resume ? "resume" : "rollback");
    resumed += resume ? 1 : 0;
  }

  /** What was in place is so again, or all is as it was. */
  private void settled(LiveDaemon daemon, boolean resume, String before, String doomed)
      throws Exception {
    for (String uid : List.copyOf(active.keySet())) {
      String status = daemon.status(uid);
      if (!resume || uid.equals(doomed) && status.equals("Destroyed")) {
        assertEquals("Destroyed", status, uid);
        active.remove(uid);
      } else {
        assertEquals("Success", status, uid);
      }
    }
    if (active.isEmpty()) {
      assertEquals(before, Surroundings.listing(), "left by a death");
    }
  }
}
