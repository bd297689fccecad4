package io.faultd.e2e;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Fingerprint;
import io.faultd.testing.Requires;
import io.faultd.testing.Victim;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A newcomer breaks a process and files, and kills the daemon in the middle of it all. */
@Requires("root")
class KillAndRestartTest {
  @TempDir Path folder;

  private Path things;
  private Victim victim;
  private SortedMap<String, String> before;

  @BeforeEach
  void prepare() throws IOException {
    things = Files.createDirectories(folder.resolve("things"));
    Files.createDirectories(things.resolve("elsewhere"));
    for (String name : List.of("deleted", "appended", "chmodded", "moved")) {
      Files.writeString(things.resolve(name), "this is " + name + "\n");
    }
    victim = Victim.sleeping(Victim.tag());
    before = Fingerprint.of(things);
  }

  @AfterEach
  void end() {
    victim.close();
  }

  @ParameterizedTest
  @EnumSource
  void findsTheNodeAsItWasAfterADeath(Protocol protocol) throws Exception {
    try (Daemon daemon = Daemon.in(folder).start()) {
      List<String> uids = breakAll(daemon, protocol);
      List<Long> workers = daemon.workers();
      assertBroken();
      daemon.kill();
      assertBroken();
      daemon.launch();
      eventually("listens again", () -> daemon.log().contains("listening"));
      Instant listening = Instant.now();
      eventually("the node is as it was", this::restored);
      Duration took = Duration.between(listening, Instant.now());
      assertTrue(took.compareTo(Duration.ofSeconds(5)) < 0, "restored after " + took);
      daemon.await();
      assertWhole();
      eventually(
          "no worker is left, not even to be waited for",
          () -> workers.stream().noneMatch(pid -> ProcessHandle.of(pid).isPresent()));
      for (String uid : uids) {
        assertEquals("Destroyed", daemon.rest().status(uid));
      }
    }
  }

  @Test
  void undoesAllWhenItIsToldToEnd() throws Exception {
    try (Daemon daemon = Daemon.in(folder).start()) {
      List<String> uids = breakAll(daemon, Protocol.REST);
      assertBroken();
      Instant asked = Instant.now();
      assertEquals(0, daemon.terminate(), "exit code");
      assertTrue(Duration.between(asked, Instant.now()).toSeconds() < 10, "in time");
      assertWhole();
      daemon.start();
      for (String uid : uids) {
        assertEquals("Destroyed", daemon.rest().status(uid));
      }
    }
  }

  @Test
  void resumesWhatWasActiveAndKeepsItsDeadline() throws Exception {
    Path file = things.resolve("chmodded");
    try (Daemon daemon = Daemon.in(folder).with("recovery", "resume").start()) {
      Map<String, String> flags =
          Map.of("filepath", file.toString(), "mark", "600", "timeout", "9");
      String timed = Protocol.REST.create(daemon, "file", "chmod", flags);
      List<String> uids = breakAllBut(daemon, Protocol.GRPC, "chmod");
      Instant expires = Instant.parse(daemon.rest().experiment(timed).getString("expireTime"));
      daemon.kill();
      daemon.start();
      if (Instant.now().isBefore(expires.minusMillis(500))) {
        assertEquals("Success", daemon.rest().status(timed));
        assertEquals("rw-------", mode(file));
      }
      assertBroken();
      assertEquals(expires, Instant.parse(daemon.rest().experiment(timed).getString("expireTime")));
      eventually("its deadline holds", () -> daemon.rest().status(timed).equals("Destroyed"));
      Duration off = Duration.between(expires, Instant.now()).abs();
      assertTrue(off.toMillis() < 2000, "ended " + off + " off its deadline");
      for (String uid : uids) {
        assertEquals("Success", daemon.rest().status(uid));
        assertEquals("Destroyed", Protocol.GRPC.destroy(daemon, uid));
      }
      assertWhole();
    }
  }

  @Test
  void destroysWithoutARecordByItsMarks() throws Exception {
    Path file = things.resolve("deleted");
    try (Daemon daemon = Daemon.in(folder).start()) {
      String body = Rest.order("file", "delete", Map.of("filepath", file.toString()));
      String uid = daemon.rest().post(Rest.EXPERIMENTS, body).uid();
      daemon.kill();
      try (var all = Files.walk(daemon.data()).sorted(java.util.Comparator.reverseOrder())) {
        for (Path each : all.toList()) {
          Files.delete(each);
        }
      }
      daemon.start();
      assertEquals(404, daemon.rest().destroy(uid).status());
      assertTrue(Files.notExists(file));
      Rest.Answer answer = daemon.rest().send("DELETE", Rest.EXPERIMENTS + "/" + uid, body);
      assertEquals(200, answer.status(), answer.text());
      assertEquals(before, Fingerprint.of(things));
      assertEquals(404, daemon.rest().send("DELETE", Rest.EXPERIMENTS + "/" + uid, body).status());
    }
  }

  @Test
  void namesAnyFileThoughItsEnvironmentIsEmpty() throws Exception {
    Path file = Files.writeString(things.resolve("grün 日本\nЖ.txt"), "x");
    before = Fingerprint.of(things);
    try (Daemon daemon = Daemon.in(folder).bare().start()) {
      Map<String, String> flags = Map.of("filepath", file.toString());
      String uid = Protocol.REST.create(daemon, "file", "delete", flags);
      assertTrue(Files.notExists(file));
      assertEquals("Destroyed", Protocol.GRPC.destroy(daemon, uid));
      assertEquals(before, Fingerprint.of(things));
      Protocol.GRPC.create(daemon, "file", "delete", flags);
      daemon.kill();
      assertTrue(Files.notExists(file));
      daemon.start();
      assertEquals(before, Fingerprint.of(things));
    }
  }

  @Test
  void findsTheNodeAsItWasWheneverItDiesAmongOrders() throws Exception {
    long seed = Long.getLong("faultd.seed", System.nanoTime());
    System.out.println("KillAndRestartTest: -Dfaultd.seed=" + seed);
    Random random = new Random(seed);
    try (Daemon daemon = Daemon.in(folder).start();
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < 3; round++) {
        List<Future<?>> busy = new ArrayList<>();
        for (Protocol protocol : Protocol.values()) {
          for (Map.Entry<String, Map<String, String>> order : orders().entrySet()) {
            busy.add(clients.submit(() -> again(daemon, protocol, order)));
          }
        }
        long instant = System.nanoTime() + random.nextLong(100_000_000, 1_000_000_000);
        eventually("the instant of death", () -> System.nanoTime() > instant);
        daemon.kill();
        for (Future<?> each : busy) {
          each.get();
        }
        daemon.start();
        assertWhole();
      }
    }
  }

  /** Creates and destroys until nobody answers any more; clashes are what it gets at times. */
  private static void again(
      Daemon daemon, Protocol protocol, Map.Entry<String, Map<String, String>> order) {
    String[] names = order.getKey().split(" ", 2);
    while (ProcessHandle.of(daemon.pid()).isPresent()) {
      try {
        protocol.destroy(daemon, protocol.create(daemon, names[0], names[1], order.getValue()));
      } catch (RuntimeException | AssertionError clash) {
        Thread.onSpinWait();
      }
    }
  }

  private Map<String, Map<String, String>> orders() {
    Map<String, Map<String, String>> orders = new LinkedHashMap<>();
    orders.put("process stop", Map.of("pid", Integer.toString(victim.pid())));
    orders.put("file delete", Map.of("filepath", at("deleted")));
    orders.put("file append", Map.of("filepath", at("appended"), "content", "more"));
    orders.put("file chmod", Map.of("filepath", at("chmodded"), "mark", "600"));
    orders.put("file move", Map.of("filepath", at("moved"), "target", at("elsewhere")));
    orders.put("file add", Map.of("filepath", at("added"), "content", "new"));
    orders.put("cpu fullload", Map.of("cpu-percent", "20"));
    return orders;
  }

  private List<String> breakAll(Daemon daemon, Protocol protocol) {
    return breakAllBut(daemon, protocol, "");
  }

  private List<String> breakAllBut(Daemon daemon, Protocol protocol, String action) {
    List<String> uids = new ArrayList<>();
    orders()
        .forEach((name, flags) -> {
          String[] names = name.split(" ", 2);
          if (!names[1].equals(action)) {
            uids.add(protocol.create(daemon, names[0], names[1], flags));
          }
        });
    return uids;
  }

  private void assertBroken() throws Exception {
    assertEquals('T', victim.state());
    assertTrue(Files.notExists(things.resolve("deleted")));
    // its size: whoever reads it leaves a trace
    assertEquals("this is appended\nmore\n".length(), Files.size(things.resolve("appended")));
    assertTrue(Files.notExists(things.resolve("moved")));
    assertTrue(Files.exists(things.resolve("elsewhere/moved")));
    assertEquals("new\n", Files.readString(things.resolve("added")));
    assertEquals("rw-------", mode(things.resolve("chmodded")));
  }

  private void assertWhole() throws IOException {
    assertTrue(victim.runs());
    assertEquals(before, Fingerprint.of(things));
  }

  /** Looks without opening anything: who holds a file open hinders what is to be seen. */
  private boolean restored() throws IOException {
    return victim.runs()
        && Files.exists(things.resolve("deleted"))
        && Files.exists(things.resolve("moved"))
        && Files.notExists(things.resolve("added"))
        && Files.size(things.resolve("appended")) == "this is appended\n".length()
        && mode(things.resolve("chmodded")).equals("rw-r--r--");
  }

  private String at(String name) {
    return things.resolve(name).toString();
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }
}
