package io.faultd.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Requires;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A pid that is reused never makes the daemon signal the wrong process. The daemon runs in a pid
 * namespace of the test's own, whose first process ({@code reuse.pl}) makes processes with the pids
 * that it wants.
 */
@Requires("root")
class PidReuseTest {
  private static final int IN_STEP = 500;
  private static final int AT_RANDOM = 9500;
  private static final String PID = "10000";

  @TempDir Path folder;

  @Test
  void neverHarmsAnInnocentThatGotThePidOfAVictim() throws Exception {
    try (Daemon daemon = Daemon.in(folder).under(namespace())) {
      daemon.launch();
      try (Writer orders = Files.newBufferedWriter(folder.resolve("orders"));
          BufferedReader answers = Files.newBufferedReader(folder.resolve("answers"))) {
        daemon.await();
        Helper helper = new Helper(orders, answers);
        // the helper writes what happened to innocents into the log
        int stopped = inStep(daemon, helper);
        String churned = amongOrders(daemon, helper);
        System.out.println("PidReuseTest: in step: " + stopped + "; among orders: " + churned);
      }
    }
  }

  /** A victim is harmed and dies, an innocent gets its pid, and then the experiment is ended. */
  private static int inStep(Daemon daemon, Helper helper) throws IOException {
    for (int i = 0; i < IN_STEP; i++) {
      helper.spawn("victim");
      boolean kills = i % 5 == 4;
      String action = kills ? "kill" : "stop";
      String uid = daemon.rest().create("process", action, Map.of("pid", PID)).uid();
      assertEquals(kills ? "signal 9" : "stopped", helper.ask("end " + PID));
      helper.spawn(i % 2 == 0 ? "halted" : "innocent");
      assertEquals(200, daemon.rest().destroy(uid).status());
      assertEquals("nothing", helper.ask("end " + PID), "what befell the innocent");
    }
    return IN_STEP;
  }

  /** Pids change hands all the time while orders aim at victims by their names. */
  private static String amongOrders(Daemon daemon, Helper helper) throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger orders = new AtomicInteger();
    List<Future<?>> clients = new ArrayList<>();
    String churned;
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      for (String action : List.of("stop", "kill")) {
        for (String matcher : List.of("process", "process-cmd")) {
          Map<String, String> flags = Map.of(matcher, "reuse-victim", "count", "5");
          clients.add(
              pool.submit(() -> {
                while (!over.get()) {
                  Rest.Answer answer = daemon.rest().create("process", action, flags);
                  orders.incrementAndGet();
                  if (answer.status() == 201) {
                    daemon.rest().destroy(answer.uid());
                  }
                }
              }));
        }
      }
      try {
        churned = helper.ask("churn " + AT_RANDOM);
      } finally {
        over.set(true);
      }
      for (Future<?> each : clients) {
        each.get();
      }
    }
    assertTrue(churned.startsWith("reuses=" + AT_RANDOM + " harmed=0 "), churned + daemon.log());
    for (String what : List.of("stopped", "killed")) {
      int count = Integer.parseInt(churned.replaceAll(".*" + what + "=(\\d+).*", "$1"));
      assertTrue(count > 50, "too few victims for this to prove anything: " + churned);
    }
    return churned + " orders=" + orders;
  }

  /** What starts the launcher that follows it inside, and the helper as its parent. */
  private String[] namespace() throws Exception {
    Path helper = folder.resolve("reuse.pl");
    try (var resource = PidReuseTest.class.getResourceAsStream("/reuse.pl")) {
      Files.copy(resource, helper);
    }
    Tool.run(folder, Map.of(), "mkfifo", "orders", "answers");
    String script = "cd '%s'; \"$@\" & exec perl '%s' <orders >answers".formatted(folder, helper);
    return new String[] {
      "unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", script, "sh"
    };
  }

  /**
   * The first process of the namespace.
   *
   * @param orders what it reads
   * @param answers what it writes
   */
  private record Helper(Writer orders, BufferedReader answers) {
    String ask(String order) {
      try {
        orders.write(order + "\n");
        orders.flush();
        return String.valueOf(answers.readLine());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Until it got the pid; a thread of the daemon may have it for a moment. */
    void spawn(String kind) {
      for (int tries = 0; !ask("spawn " + kind + " " + PID).equals("ok"); tries++) {
        assertTrue(tries < 1000, "the pid stays taken");
      }
    }
  }
}
