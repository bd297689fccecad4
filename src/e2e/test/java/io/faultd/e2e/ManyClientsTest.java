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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sixteen clients at once, over both protocols. */
@Requires("root")
class ManyClientsTest {
  private static final int CLIENTS = 16;
  private static final int EACH = 125;
  private static final int WARMING = 10;

  @TempDir Path folder;

  private final Set<String> uids = ConcurrentHashMap.newKeySet();

  @Test
  void noneOfTwoThousandExperimentsIsLostOrWrongOrLeaksAnything() throws Exception {
    Path things = Files.createDirectory(folder.resolve("things"));
    List<Victim> victims = new ArrayList<>();
    try (Daemon daemon = Daemon.in(folder).start()) {
      List<Callable<Integer>> warming = new ArrayList<>();
      List<Callable<Integer>> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        Protocol protocol = Protocol.values()[i % 2];
        Path own = Files.createDirectory(things.resolve("client" + i));
        Files.writeString(own.resolve("file"), "of client " + i + "\n");
        Victim victim = Victim.sleeping(Victim.tag());
        victims.add(victim);
        warming.add(() -> client(daemon, protocol, own, victim, WARMING));
        clients.add(() -> client(daemon, protocol, own, victim, EACH));
      }
      var before = Fingerprint.of(things);
      atOnce(warming);
      cpu(daemon);
      settle(daemon);
      int descriptors = daemon.descriptors();
      List<String> threads = daemon.threads();
      atOnce(clients);
      cpu(daemon);
      settle(daemon);
      int after = daemon.descriptors();
      assertTrue(after <= descriptors + 4, "descriptors: " + descriptors + ", then " + after);
      List<String> late = daemon.threads();
      assertTrue(late.size() <= threads.size() + 4, "threads: " + threads + ", then " + late);
      assertEquals(List.of(), daemon.workers());
      assertEquals(before, Fingerprint.of(things));
      assertEquals((EACH + WARMING) * CLIENTS + 2, uids.size(), "no uid was given twice");
      assertRecords(daemon);
    } finally {
      victims.forEach(Victim::close);
    }
  }

  @Test
  void oneUidSentByTenClientsAtOnceIsInjectedOnce() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "first\n");
    try (Daemon daemon = Daemon.in(folder).start()) {
      for (int round = 0; round < 10; round++) {
        String uid = "ten-clients-" + round;
        String body =
            Rest.order(
                uid, "file", "append", Map.of("filepath", file.toString(), "content", "once"));
        List<Callable<Integer>> clients = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
          clients.add(() -> daemon.rest().post(Rest.EXPERIMENTS, body).status());
        }
        List<Integer> answers = atOnce(clients);
        assertEquals(1, answers.stream().filter(status -> status == 201).count(), "" + answers);
        assertEquals(9, answers.stream().filter(status -> status == 200).count(), "" + answers);
        assertEquals("first\nonce\n", Files.readString(file));
        assertEquals("Destroyed", Protocol.GRPC.destroy(daemon, uid));
        assertEquals("first\n", Files.readString(file));
        assertEquals(409, daemon.rest().post(Rest.EXPERIMENTS, body).status(), "it has ended");
      }
    }
  }

  @Test
  void theLimitOfExperimentsHoldsForClientsThatComeAtOnce() throws Exception {
    try (Daemon daemon = Daemon.in(folder).with("limits.experiments", "5").start()) {
      List<Callable<Integer>> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        Map<String, String> flags = Map.of("filepath", folder.resolve("new" + i).toString());
        clients.add(() -> daemon.rest().create("file", "add", flags).status());
      }
      List<Integer> answers = atOnce(clients);
      assertEquals(5, answers.stream().filter(status -> status == 201).count(), "" + answers);
      assertEquals(11, answers.stream().filter(status -> status == 429).count(), "" + answers);
      try (var names = Files.list(folder)) {
        assertEquals(
            5, names.filter(name -> name.getFileName().toString().startsWith("new")).count());
      }
      assertEquals(200, daemon.rest().delete(Rest.EXPERIMENTS).status());
      Map<String, String> flags = Map.of("filepath", folder.resolve("again").toString());
      assertEquals(201, daemon.rest().create("file", "add", flags).status());
    }
  }

  /** One after the other: what is asked is there when it is answered, and gone after destroy. */
  private int client(Daemon daemon, Protocol protocol, Path own, Victim victim, int rounds)
      throws IOException {
    Path file = own.resolve("file");
    Path added = own.resolve("added");
    long size = Files.size(file);
    for (int i = 0; i < rounds; i++) {
      switch (i % 4) {
        case 0 -> {
          Map<String, String> flags = Map.of("filepath", file.toString(), "mark", "600");
          String uid = created(daemon, protocol, "file", "chmod", flags);
          assertEquals(0600, mode(file));
          destroyed(daemon, protocol, uid);
          assertEquals(0644, mode(file));
        }
        case 1 -> {
          Map<String, String> flags = Map.of("filepath", file.toString(), "content", "more");
          String uid = created(daemon, protocol, "file", "append", flags);
          assertEquals(size + 5, Files.size(file));
          destroyed(daemon, protocol, uid);
          assertEquals(size, Files.size(file));
        }
        case 2 -> {
          Map<String, String> flags = Map.of("filepath", added.toString());
          String uid = created(daemon, protocol, "file", "add", flags);
          assertTrue(Files.exists(added));
          destroyed(daemon, protocol, uid);
          assertTrue(Files.notExists(added));
        }
        default -> {
          Map<String, String> flags = Map.of("pid", Integer.toString(victim.pid()));
          String uid = created(daemon, protocol, "process", "stop", flags);
          assertEquals('T', victim.state());
          destroyed(daemon, protocol, uid);
          assertTrue(victim.runs());
        }
      }
    }
    return rounds;
  }

  private String created(
      Daemon daemon, Protocol protocol, String target, String action, Map<String, String> flags) {
    String uid = protocol.create(daemon, target, action, flags);
    assertTrue(uids.add(uid), uid);
    assertEquals("Success", protocol.status(daemon, uid));
    return uid;
  }

  private static void destroyed(Daemon daemon, Protocol protocol, String uid) {
    assertEquals("Destroyed", protocol.destroy(daemon, uid));
    assertEquals("Destroyed", protocol.status(daemon, uid));
  }

  /** A worker comes and goes. */
  private void cpu(Daemon daemon) {
    Map<String, String> flags = Map.of("cpu-percent", "10");
    destroyed(daemon, Protocol.REST, created(daemon, Protocol.REST, "cpu", "fullload", flags));
  }

  /** Nothing that belongs to an experiment runs any more. */
  private static void settle(Daemon daemon) throws Exception {
    eventually(
        "no owner thread is left",
        () -> daemon.threads().stream().noneMatch(name -> name.matches("faultd-[0-9a-f]{8}")));
    eventually("no worker is left", () -> daemon.workers().isEmpty());
  }

  private void assertRecords(Daemon daemon) {
    int seen = 0;
    Set<String> missing = ConcurrentHashMap.newKeySet();
    missing.addAll(uids);
    for (int offset = 0; offset < uids.size(); offset += 500) {
      Rest.Answer page = daemon.rest().get("/api/v1/status?type=create&limit=" + offset + ",500");
      for (var each : page.json().getJsonArray("result")) {
        var record = each.asJsonObject();
        missing.remove(record.getString("uid"));
        assertEquals("Destroyed", record.getString("status"), record.toString());
        assertEquals("", record.getString("error"), record.toString());
        seen++;
      }
    }
    assertEquals(Set.of(), missing, "records that are lost");
    assertEquals(uids.size(), seen);
  }

  private static int mode(Path file) throws IOException {
    return (int) Files.getAttribute(file, "unix:mode") & 07777;
  }

  /** Runs them all, starting at one instant. */
  private static List<Integer> atOnce(List<Callable<Integer>> clients) throws Exception {
    CyclicBarrier start = new CyclicBarrier(clients.size());
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> results =
          clients.stream()
              .map(client ->
                  pool.submit(() -> {
                    start.await();
                    return client.call();
                  }))
              .toList();
      List<Integer> answers = new ArrayList<>();
      for (Future<Integer> each : results) {
        answers.add(each.get());
      }
      return answers;
    }
  }
}
