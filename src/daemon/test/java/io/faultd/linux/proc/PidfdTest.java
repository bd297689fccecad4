package io.faultd.linux.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Victim;
import java.io.File;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PidfdTest {
  private static final int TERM = 15;
  private final Procfs procfs = Procfs.HOST;

  @Test
  void signalsAProcessAndSeesItEnd() throws Exception {
    try (Victim victim = Victim.sleeping("1000");
        Pidfd pidfd = Pidfd.open(victim.identity(), procfs).orElseThrow()) {
      assertFalse(pidfd.ended(Duration.ofMillis(5)));
      assertTrue(pidfd.send(TERM));
      assertTrue(pidfd.ended(Duration.ofSeconds(5)));
      assertEquals(128 + TERM, victim.ended());
      assertFalse(pidfd.send(TERM));
    }
  }

  @Test
  void neverSignalsAnotherProcessWithTheSamePid() throws Exception {
    try (Victim victim = Victim.sleeping("1000")) {
      ProcessIdentity now = victim.identity();
      ProcessIdentity dead = new ProcessIdentity(now.pid(), now.startTicks() - 7, now.bootId());
      assertFalse(Pidfd.send(dead, TERM, procfs));
      assertTrue(Pidfd.ended(dead, procfs));
      assertTrue(victim.alive());
    }
  }

  @Test
  void leavesNoDescriptorBehind() throws Exception {
    try (Victim victim = Victim.sleeping("1000")) {
      ProcessIdentity now = victim.identity();
      Pidfd.ended(now, procfs);
      int before = descriptors();
      for (int i = 0; i < 100; i++) {
        Pidfd.ended(now, procfs);
        Pidfd.send(new ProcessIdentity(now.pid(), 1, now.bootId()), TERM, procfs);
      }
      assertEquals(before, descriptors());
    }
  }

  private static int descriptors() {
    String[] open = new File("/proc/self/fd").list();
    return open == null ? 0 : open.length;
  }
}
