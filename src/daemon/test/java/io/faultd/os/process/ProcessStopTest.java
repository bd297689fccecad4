package io.faultd.os.process;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Aim;
import io.faultd.fault.Claim;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.linux.Native;
import io.faultd.linux.proc.Procfs;
import io.faultd.linux.proc.Procfs.Stopped;
import io.faultd.os.RecordedInjection;
import io.faultd.rollback.Company;
import io.faultd.rollback.Outcome;
import io.faultd.rollback.Rollback;
import io.faultd.testing.Stuck;
import io.faultd.testing.Victim;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ProcessStopTest {
  @TempDir static Path scratch;

  private final RecordedInjection on = new RecordedInjection();
  private final String tag = Victim.tag();

  @Test
  void stopsTheProcessesAndContinuesThem() throws Exception {
    try (Victim one = Victim.sleeping(tag);
        Victim two = Victim.sleeping(tag)) {
      new ProcessStop().inject(pattern("sleep " + tag), on);
      assertEquals('T', one.state());
      assertEquals('T', two.state());
      assertEquals(2, on.steps.size());
      assertEquals(
          List.of(Claim.process(one.identity(), "sleep"), Claim.process(two.identity(), "sleep")),
          on.claims);
      assertEquals(
          List.of(Integer.toString(one.pid()), Integer.toString(two.pid())),
          on.aims.stream().map(Aim::id).toList());
      undoAll();
      eventually("both run", () -> one.runs() && two.runs());
      undoAll();
    }
  }

  /** The text of an order is in the command line of the curl that sends it, and of its shell. */
  @Test
  void leavesOutWhoGivesTheOrder() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String connect = "exec 3<>/dev/tcp/127.0.0.1/%d; read line <&3; : %s";
      String shell = "bash -c '%s'; : ".formatted(connect.formatted(server.getLocalPort(), tag));
      try (Victim client = Victim.started("bash", "-c", shell);
          Socket connection = server.accept()) {
        FaultException none =
            assertThrows(FaultException.class, () -> new ProcessStop().inject(pattern(tag), on));
        assertEquals(Reason.TARGET_NOT_FOUND, none.reason());
        assertEquals(2, on.warnings.size(), on.warnings.toString());
        try (Victim other = Victim.sleeping(tag)) {
          new ProcessStop().inject(pattern(tag), on);
          assertEquals('T', other.state());
          assertTrue(client.runs());
          undoAll();
        }
      }
    }
  }

  @Test
  void stopsAllThreadsOfAProcess() throws Exception {
    try (Victim victim = Victim.java(Talker.class)) {
      assertEquals("here", victim.line());
      new ProcessStop().inject(pid(victim.pid()), on);
      assertEquals(Stopped.YES, Procfs.HOST.stopped(victim.pid()));
      victim.tell("are you there?");
      undoAll();
      assertEquals("are you there?", victim.line());
    }
  }

  @Test
  void leavesOutWhatOthersStoppedAndDoesNotContinueIt() throws Exception {
    try (Victim theirs = Victim.sleeping(tag).stop();
        Victim ours = Victim.sleeping(tag)) {
      new ProcessStop().inject(pattern(tag), on);
      assertEquals('T', ours.state());
      assertEquals(1, on.steps.size());
      assertTrue(on.warnings.getFirst().contains("process " + theirs.pid()), on.warnings::toString);
      undoAll();
      eventually("ours runs", () -> ours.runs());
      assertEquals('T', theirs.state());
    }
  }

  @Test
  void isAConflictIfAllAreStoppedAlready() throws Exception {
    try (Victim theirs = Victim.sleeping(tag).stop()) {
      assertEquals(Reason.CONFLICT, refused(pid(theirs.pid())).reason());
      assertTrue(on.steps.isEmpty());
      assertEquals('T', theirs.state());
    }
  }

  @Test
  void leavesOutWhatIsTraced() throws Exception {
    try (Victim victim = Victim.sleeping(tag)) {
      CountDownLatch seized = new CountDownLatch(1);
      CountDownLatch done = new CountDownLatch(1);
      Thread tracer =
          Thread.ofPlatform()
              .start(() -> {
                Tracing.C.ptrace(Tracing.SEIZE, victim.pid(), 0, 0);
                seized.countDown();
                awaitQuietly(done);
              });
      seized.await();
      try {
        FaultException e = refused(pid(victim.pid()));
        assertEquals(Reason.CONFLICT, e.reason());
        assertTrue(String.valueOf(e.getMessage()).contains("traced"));
      } finally {
        // the kernel lets its tracees go
        done.countDown();
        tracer.join();
      }
    }
  }

  @Test
  void warnsOfThoseThatEndMeanwhile() throws Exception {
    try (Victim dies = Victim.sleeping(tag);
        Victim stays = Victim.sleeping(tag)) {
      on.announced = dies::close;
      new ProcessStop().inject(pattern(tag), on);
      assertEquals('T', stays.state());
      assertEquals(List.of("1 of 2 processes ended meanwhile"), on.warnings);
      undoAll();
    }
  }

  @Test
  void findsNothingIfAllEndMeanwhile() throws Exception {
    try (Victim dies = Victim.sleeping(tag)) {
      on.announced = dies::close;
      assertEquals(Reason.TARGET_NOT_FOUND, refused(pattern(tag)).reason());
      undoAll();
    }
  }

  @Test
  void namesAProcessThatDoesNotStopAndLeavesNoStopBehind(@TempDir Path folder) throws Exception {
    Path pipe = folder.resolve("pipe");
    new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor();
    // a parent waits in the kernel until the child that shares its memory has opened the pipe
    try (Victim victim = Victim.java(Stuck.class, pipe.toString())) {
      Stuck.awaitStuck(victim);
      FaultException e = refused(pid(victim.pid()));
      assertEquals(Reason.INJECT_FAILED, e.reason());
      assertTrue(String.valueOf(e.getMessage()).contains("process " + victim.pid()));
      undoAll();
      assertEquals(Stopped.NO, Procfs.HOST.stopped(victim.pid()));
      // opening it is all that is waited for
      Files.newOutputStream(pipe).close();
      assertEquals("through", victim.line());
      assertEquals(Stopped.NO, Procfs.HOST.stopped(victim.pid()));
    }
  }

  @Test
  void takesSoManyAsAreCountedTheOldestFirst() throws Exception {
    try (Victim one = Victim.sleeping(tag);
        Victim two = Victim.sleeping(tag);
        Victim three = Victim.sleeping(tag)) {
      new ProcessStop()
          .inject(
              new ProcessStop.Params(
                  new Selection(tag, null, List.of(), List.of(), 2, List.of(), false), null),
              on);
      assertEquals('T', one.state());
      assertEquals('T', two.state());
      assertTrue(three.runs());
      undoAll();
    }
  }

  @Test
  void leavesOutTheProtectedUnlessTheyAreNamed() throws Exception {
    try (Victim guarded = Victim.sleeping(tag);
        Victim other = Victim.sleeping(tag)) {
      String id = Integer.toString(guarded.pid());
      on.guard = aim -> aim.id().equals(id) ? Optional.of("precious") : Optional.empty();
      assertEquals(Reason.FORBIDDEN, refused(pid(guarded.pid())).reason());
      new ProcessStop().inject(pattern(tag), on);
      assertTrue(guarded.runs());
      assertEquals('T', other.state());
      assertTrue(on.warnings.getFirst().endsWith("precious"), on.warnings::toString);
      undoAll();
      on.guard = aim -> Optional.of("precious");
      assertEquals(Reason.FORBIDDEN, refused(pattern(tag)).reason());
    }
  }

  @Test
  void takesAnotherSignalForOldClientsWithAWarning() throws Exception {
    try (Victim victim = Victim.sleeping(tag)) {
      new ProcessStop()
          .inject(
              new ProcessStop.Params(
                  new Selection(tag, null, List.of(), List.of(), 0, List.of(), false), 15),
              on);
      assertEquals('T', victim.state());
      assertEquals(1, on.warnings.size());
      undoAll();
    }
  }

  @ParameterizedTest
  @MethodSource
  void refusesWhatCannotBe(ProcessStop.Params params, Reason reason, String field) {
    FaultException e = refused(params);
    assertEquals(reason, e.reason());
    assertEquals(Optional.of(field), e.field());
    assertTrue(on.steps.isEmpty());
  }

  static List<Object[]> refusesWhatCannotBe() {
    List<Integer> none = List.of();
    List<String> no = List.of();
    return List.of(
        new Object[] {params(null, none, none, 0, no), Reason.MISSING_PARAMETER, "process"},
        new Object[] {params(" ", none, none, 0, no), Reason.ILLEGAL_PARAMETER, "process"},
        new Object[] {params("x", none, none, -1, no), Reason.ILLEGAL_PARAMETER, "count"},
        new Object[] {params(null, List.of(0), none, 0, no), Reason.ILLEGAL_PARAMETER, "pid"},
        new Object[] {
          params("x", none, none, 0, List.of("")), Reason.ILLEGAL_PARAMETER, "exclude-process"
        },
        new Object[] {
          params(null, none, List.of(70000), 0, no), Reason.ILLEGAL_PARAMETER, "local-port"
        },
        new Object[] {
          params(null, List.of(4_194_305), none, 0, no), Reason.TARGET_NOT_FOUND, "pid"
        });
  }

  private void undoAll() {
    Rollback rollback = new Rollback(scratch);
    on.steps
        .reversed()
        .forEach(step ->
            assertInstanceOf(Outcome.Undone.class, rollback.undo(step, Company.NONE, false)));
  }

  private FaultException refused(ProcessStop.Params params) {
    return assertThrows(FaultException.class, () -> new ProcessStop().inject(params, on));
  }

  private static ProcessStop.Params pattern(String process) {
    return params(process, List.of(), List.of(), 0, List.of());
  }

  private static ProcessStop.Params pid(int pid) {
    return params(null, List.of(pid), List.of(), 0, List.of());
  }

  private static ProcessStop.Params params(
      @Nullable String process,
      List<Integer> pids,
      List<Integer> ports,
      int count,
      List<String> excludes) {
    return new ProcessStop.Params(
        new Selection(process, null, pids, ports, count, excludes, false), null);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What makes a process traced. */
  static final class Tracing {
    static final int SEIZE = 0x4206;
    static final Calls C = Native.bind(Calls.class);

    /** What is called. */
    public interface Calls {
      /** See ptrace(2). */
      long ptrace(int request, int pid, long address, long data);
    }
  }

  /** Says what it hears. */
  static final class Talker {
    public static void main(String[] arguments) throws Exception {
      System.out.println("here");
      for (int c; (c = System.in.read()) >= 0; ) {
        System.out.write(c);
        System.out.flush();
      }
    }
  }
}
