package io.faultd.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Kernel;
import io.faultd.testing.Requires;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Orders, destroys, kills of the daemon and edits by others, in an order that a seed decides:
 * {@code -Dfaultd.seed=} repeats it, {@code -Dfaultd.sequences=} sets how many there are.
 */
@Requires("root")
class RandomSequencesTest {
  private static final int FILES = 4;

  private final long seed = Long.getLong("faultd.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final TreeSet<String> edited = new TreeSet<>();
  private int edits;
  private int kills;
  private int orders;
  private int injected;

  @TempDir Path base;

  @Test
  void leavesTheHostAsItWasOrAsOthersMadeIt() throws Exception {
    System.out.println("seed: -Dfaultd.seed=" + seed);
    int sequences = Integer.getInteger("faultd.sequences", 40);
    Path data = Files.createDirectories(base.resolve("data"));
    try (var fast = Kernel.tmpfs(data, "size=128m,mode=700");
        LiveDaemon daemon = new LiveDaemon(base, data)) {
      daemon.start();
      for (int i = 0; i < sequences; i++) {
        try (World world = World.made(base.resolve("work"), scenario())) {
          sequence(daemon, world, "sequence " + i + " of seed " + seed);
        }
      }
      injected = daemon.injected;
    }
    System.out.printf(
        "%d sequences: %d orders, %d injected, %d kills of the daemon, %d edits of others, 0 leaks%n",
        sequences, orders, injected, kills, edits);
    assertTrue(injected > orders / 4, "most orders were refused: " + injected + " of " + orders);
  }

  private static Scenario scenario() {
    return new Scenario(
        "pool",
        world -> {
          for (int i = 0; i < FILES; i++) {
            world.file("d" + i % 2 + "/f" + i);
          }
          Files.createDirectories(world.path("to"));
          world.bystander();
          world.bystander();
        },
        world -> List.of(),
        List.of(),
        false);
  }

  private void sequence(LiveDaemon daemon, World world, String which) throws Exception {
    edited.clear();
    int before = edits;
    long originals = count(world, "original"); // reads, and so changes atime
    SortedMap<String, String> exact = world.fingerprint();
    int length = 3 + random.nextInt(5);
    for (int i = 0; i < length; i++) {
      int choice = random.nextInt(20);
      if (choice < 12) {
        order(daemon, world);
      } else if (choice < 16) {
        daemon.destroyOne(random);
      } else if (choice < 19) {
        edit(world);
      } else {
        kill(daemon, world);
      }
    }
    daemon.destroyAll(false);
    assertEquals(untouched(exact), untouched(world.fingerprint()), which + ", edited: " + edited);
    daemon.destroyAll(true);
    assertEquals(List.of(), daemon.unfinished(), which);
    assertEquals(originals, count(world, "original"), which + ": " + world.contents());
    assertEquals(edits - before, count(world, "foreign edit"), which + ": " + world.contents());
    assertTrue(
        world.contents().keySet().stream().noneMatch(name -> name.contains("/.faultd-")),
        which + ": " + world.contents());
  }

  /** Without what others had a hand in. */
  private Map<String, String> untouched(SortedMap<String, String> all) {
    SortedMap<String, String> rest = new java.util.TreeMap<>(all);
    rest.keySet().removeIf(name -> edited.stream().anyMatch(name::contains));
    if (!edited.isEmpty()) { // what somebody else's file keeps from going back, waits hidden
      rest.keySet().removeIf(name -> name.contains("/.faultd-"));
    }
    return rest;
  }

  private void order(LiveDaemon daemon, World world) throws Exception {
    orders++;
    daemon.order(job(world));
  }

  private Scenario.Job job(World world) {
    int number = random.nextInt(FILES);
    String name = "d" + number % 2 + "/f" + number;
    Map<String, String> file = Map.of("filepath", world.path(name).toString());
    return switch (random.nextInt(7)) {
      case 0 -> new Scenario.Job("file", "chmod", and(file, "mark", "0400"));
      case 1 -> new Scenario.Job("file", "delete", file);
      case 2 -> new Scenario.Job("file", "append", and(file, "content", "appended " + orders));
      case 3 -> new Scenario.Job("file", "move", and(file, "target", world.path("to").toString()));
      case 4 ->
          new Scenario.Job(
              "file",
              "add",
              Map.of("filepath", world.path("d0/new" + number).toString(), "content", "added"));
      case 5 -> new Scenario.Job("file", "delete", Map.of("filepath", world.path("d1").toString()));
      default -> {
        int pid = world.bystanders().get(random.nextInt(2));
        yield new Scenario.Job("process", "stop", Map.of("pid", Integer.toString(pid)));
      }
    };
  }

  private static Map<String, String> and(Map<String, String> flags, String name, String value) {
    Map<String, String> more = new java.util.TreeMap<>(flags);
    more.put(name, value);
    return more;
  }

  private void edit(World world) throws Exception {
    int number = random.nextInt(FILES);
    String name =
        switch (random.nextInt(3)) {
          case 0 -> "d" + number % 2 + "/f" + number;
          case 1 -> "to/f" + number;
          default -> "d0/new" + number;
        };
    edits++;
    edited.add("/f" + number);
    edited.add("/new" + number);
    if (name.startsWith("d1/") && !Files.exists(world.path("d1"))) {
      // a folder of that name keeps the one that was taken away from coming back
      edited.add("/d1");
    }
    Scenario.write(name).on(world);
  }

  /** In the middle of an order, or of a destroy. */
  private void kill(LiveDaemon daemon, World world) throws Exception {
    kills++;
    if (random.nextBoolean()) {
      orders++;
      daemon.orderAside(job(world));
    } else {
      daemon.destroyAside();
    }
    LockSupport.parkNanos(random.nextInt(8_000_000));
    daemon.kill();
    if (random.nextInt(4) == 0) {
      edit(world);
    }
    daemon.start();
  }

  private static long count(World world, String text) throws Exception {
    return world.contents().values().stream()
        .mapToLong(value -> value.split(text, -1).length - 1L)
        .sum();
  }
}
