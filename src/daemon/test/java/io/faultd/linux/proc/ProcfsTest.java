package io.faultd.linux.proc;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Victim;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcfsTest {
  private final Procfs procfs = Procfs.HOST;

  @Test
  void readsACommandNameWithBlanksAndParentheses(@TempDir Path folder) throws Exception {
    Path program = Files.copy(Path.of("/bin/sleep"), folder.resolve("a) (b 1 S 2"));
    try (Victim victim = Victim.started(program.toString(), "1000")) {
      Stat stat = procfs.stat(victim.pid()).orElseThrow();
      assertEquals("a) (b 1 S 2", stat.name());
      assertEquals(victim.pid(), stat.pid());
      assertEquals(ProcessHandle.current().pid(), stat.parent());
      assertTrue(stat.startTicks() > 0);
      assertFalse(stat.kernel());
      assertEquals(List.of(program.toString(), "1000"), procfs.arguments(victim.pid()));
    }
  }

  @Test
  void keepsEmptyArguments() {
    try (Victim victim = Victim.started("sh", "-c", "read line", "", "x", "")) {
      assertEquals(List.of("sh", "-c", "read line", "", "x", ""), procfs.arguments(victim.pid()));
    }
  }

  @Test
  void knowsAThreadOfTheKernel() {
    Optional<Stat> kthreadd = procfs.stat(2);
    // in a pid namespace of its own there is none
    kthreadd
        .filter(stat -> stat.name().equals("kthreadd"))
        .ifPresent(stat -> assertTrue(stat.kernel()));
    assertFalse(procfs.stat(1).orElseThrow().kernel());
  }

  @Test
  void saysNothingOfAProcessThatIsGone() {
    ProcessIdentity identity;
    try (Victim victim = Victim.sleeping("1000")) {
      identity = victim.identity();
      assertTrue(procfs.stat(identity).isPresent());
    }
    assertTrue(procfs.stat(identity).isEmpty());
    assertTrue(procfs.arguments(identity.pid()).isEmpty());
    assertTrue(procfs.tasks(identity.pid()).isEmpty());
    assertEquals(Procfs.Stopped.NO, procfs.stopped(identity.pid()));
    assertFalse(procfs.runs(identity.pid()));
    assertTrue(procfs.status(identity.pid()).isEmpty());
  }

  @Test
  void tellsAProcessFromOneThatHadItsPid() {
    try (Victim victim = Victim.sleeping("1000")) {
      ProcessIdentity now = victim.identity();
      ProcessIdentity earlier = new ProcessIdentity(now.pid(), now.startTicks() - 1, now.bootId());
      ProcessIdentity otherBoot = new ProcessIdentity(now.pid(), now.startTicks(), "other");
      assertNotEquals(now, earlier);
      assertTrue(procfs.stat(earlier).isEmpty());
      assertTrue(procfs.stat(otherBoot).isEmpty());
    }
  }

  @Test
  void seesThatAllThreadsAreStopped() throws Exception {
    try (Victim victim = Victim.sleeping("1000")) {
      assertEquals(Procfs.Stopped.NO, procfs.stopped(victim.pid()));
      eventually("sleeps", () -> procfs.runs(victim.pid()));
      victim.stop();
      assertEquals(Procfs.Stopped.YES, procfs.stopped(victim.pid()));
      assertFalse(procfs.runs(victim.pid()));
      victim.signal("CONT");
      eventually("runs", () -> procfs.stopped(victim.pid()) == Procfs.Stopped.NO);
    }
  }
}
