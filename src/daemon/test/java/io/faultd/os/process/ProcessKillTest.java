package io.faultd.os.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.CancelledException;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.linux.proc.Procfs;
import io.faultd.os.RecordedInjection;
import io.faultd.testing.Victim;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessKillTest {
  private static final int TERM = 15;
  private final RecordedInjection on = new RecordedInjection();
  private final String tag = Victim.tag();

  @Test
  void killsUnlessToldOtherwise() throws Exception {
    try (Victim victim = Victim.sleeping(tag)) {
      kill(tag, null, List.of(), List.of(), null);
      assertTrue(victim.state() == 'Z' || victim.state() == '-');
      assertEquals(128 + 9, victim.ended());
      assertTrue(on.claims.isEmpty());
      assertTrue(on.steps.isEmpty());
    }
  }

  @Test
  void sendsTheSignalThatWasAskedFor() throws Exception {
    try (Victim victim =
        Victim.started(
            "sh", "-c", "trap 'echo got' USR1; echo here; while :; do read x; done", tag)) {
      assertEquals("here", victim.line());
      kill(tag, null, List.of(), List.of(), 10);
      victim.tell("");
      assertEquals("got", victim.line());
      assertTrue(victim.alive());
    }
  }

  @Test
  void changesNothingInADryRunWhichEndsWhereStepsAreAnnounced() {
    try (Victim victim = Victim.sleeping(tag)) {
      on.announced =
          () -> {
            throw new CancelledException();
          };
      assertThrows(CancelledException.class, () -> kill(tag, null, List.of(), List.of(), null));
      assertTrue(victim.runs());
    }
  }

  @Test
  void findsTheProcessByWhatItListensOn() throws Exception {
    int port = freePort();
    String script =
        "use IO::Socket::INET; my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1:%d');"
            .formatted(port);
    try (Victim listens =
            Victim.started(
                "perl", "-e", script + " print qq(here\\n); close STDOUT; sleep 1000", tag);
        Victim other = Victim.sleeping(tag)) {
      assertEquals("here", listens.line());
      kill(null, null, List.of(), List.of(port), null);
      assertEquals(128 + 9, listens.ended());
      assertTrue(other.alive());
      assertEquals(
          Reason.TARGET_NOT_FOUND,
          assertThrows(FaultException.class, () -> kill(null, null, List.of(), List.of(port), null))
              .reason());
    }
  }

  @Test
  void wantsAllMatchersToMatch() throws Exception {
    try (Victim one = Victim.sleeping(tag);
        Victim two = Victim.sleeping(tag)) {
      kill(tag, "sleep", List.of(two.pid()), List.of(), TERM);
      assertEquals(128 + TERM, two.ended());
      assertTrue(one.alive());
      FaultException e =
          assertThrows(FaultException.class, () -> kill(tag, "slee", List.of(), List.of(), TERM));
      assertEquals(63012, e.code());
    }
  }

  @Test
  void findsNamesThatTheKernelCut(@TempDir Path folder) throws Exception {
    Path program = Files.copy(Path.of("/bin/sleep"), folder.resolve("a-rather-long-name-1"));
    Path alike = Files.copy(program, folder.resolve("a-rather-long-name-2"));
    Path script = Files.writeString(folder.resolve("a-rather-long-script"), "#!/bin/sh\nread x\n");
    assertTrue(script.toFile().setExecutable(true));
    try (Victim one = Victim.started(program.toString(), tag);
        Victim two = Victim.started(alike.toString(), tag);
        Victim three = Victim.started(script.toString(), tag)) {
      kill(null, "a-rather-long-name-1", List.of(), List.of(), null);
      assertEquals(128 + 9, one.ended());
      assertTrue(two.alive());
      kill(null, "a-rather-long-script", List.of(), List.of(), null);
      assertEquals(128 + 9, three.ended());
      assertTrue(two.alive());
    }
  }

  @Test
  void leavesOutWhatIsExcluded() throws Exception {
    try (Victim one = Victim.started("sh", "-c", "read x", tag, "spare me");
        Victim two = Victim.started("sh", "-c", "read x", tag)) {
      new ProcessKill()
          .inject(
              new ProcessKill.Params(
                  new Selection(
                      tag, null, List.of(), List.of(), 0, List.of("nobody", "spare"), false),
                  null),
              on);
      assertEquals(128 + 9, two.ended());
      assertTrue(one.alive());
    }
  }

  @Test
  void isContentWithNothingIfTold() throws Exception {
    new ProcessKill()
        .inject(
            new ProcessKill.Params(
                new Selection(tag, null, List.of(), List.of(), 0, List.of(), true), null),
            on);
    assertEquals(1, on.warnings.size());
    assertTrue(on.aims.isEmpty());
  }

  @Test
  void takesAThreadOrAZombieForNoProcess() throws Exception {
    int thread = Procfs.HOST.tasks((int) ProcessHandle.current().pid()).getLast().pid();
    FaultException e =
        assertThrows(
            FaultException.class, () -> kill(null, null, List.of(thread), List.of(), TERM));
    assertEquals(Reason.TARGET_NOT_FOUND, e.reason());
    assertEquals(Optional.of("pid"), e.field());
    // its parent never waits for its child
    try (Victim parent =
        Victim.started("perl", "-e", "$| = 1; if (my $p = fork) { print qq($p\\n); sleep 1000 }")) {
      int zombie = Integer.parseInt(parent.line());
      io.faultd.testing.Eventually.eventually(
          "zombie", () -> Procfs.HOST.stat(zombie).orElseThrow().state() == 'Z');
      assertThrows(FaultException.class, () -> kill(null, null, List.of(zombie), List.of(), TERM));
    }
  }

  @Test
  void saysThatAStoppedProcessTakesItsSignalLater() throws Exception {
    try (Victim victim = Victim.sleeping(tag).stop()) {
      kill(tag, null, List.of(), List.of(), TERM);
      assertTrue(on.warnings.getFirst().contains("stopped"), on.warnings::toString);
      victim.signal("CONT");
      assertEquals(128 + TERM, victim.ended());
    }
  }

  @Test
  void refusesWhatIsNoSignal() {
    for (int signal : new int[] {0, -1, 65}) {
      FaultException e =
          assertThrows(FaultException.class, () -> kill(tag, null, List.of(), List.of(), signal));
      assertEquals(Optional.of("signal"), e.field());
    }
  }

  @Test
  void neverMatchesTheKernelsThreadsByPattern() {
    if (Procfs.HOST.stat(2).filter(stat -> stat.kernel()).isPresent()) {
      assertThrows(FaultException.class, () -> kill("kthreadd", null, List.of(), List.of(), TERM));
      assertThrows(FaultException.class, () -> kill(null, "kthreadd", List.of(), List.of(), TERM));
      assertFalse(Procfs.HOST.stat(2).isEmpty());
    }
  }

  private void kill(
      @Nullable String process,
      @Nullable String name,
      List<Integer> pids,
      List<Integer> ports,
      @Nullable Integer signal)
      throws Exception {
    new ProcessKill()
        .inject(
            new ProcessKill.Params(
                new Selection(process, name, pids, ports, 0, List.of(), false), signal),
            on);
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress("127.0.0.1", 0));
      return socket.getLocalPort();
    }
  }
}
