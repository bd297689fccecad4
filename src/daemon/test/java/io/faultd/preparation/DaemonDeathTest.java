package io.faultd.preparation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Eventually;
import io.faultd.testing.Requires;
import io.faultd.testing.TargetJvm;
import io.faultd.testing.Victim;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A daemon that is killed leaves the JVMs of others as they were. */
@Requires("root")
class DaemonDeathTest {
  @TempDir Path data;

  @ParameterizedTest
  @ValueSource(ints = {17, 25})
  void rulesEndWithTheDaemonAndWhoWaitsGoesOn(int version) throws Exception {
    try (TargetJvm target = TargetJvm.of(version);
        Victim daemon = daemon(target)) {
      daemon.tell("inject");
      assertEquals("done", daemon.line());
      target.ask("start"); // waits for 60 s if nobody ends it
      daemon.signal("KILL");
      assertTrue(target.millis("join") < 5_000);
      assertTrue(target.millis("price 4") < 5_000);
      assertEquals(List.of(), target.left());
      threadsOfOursEnd(target);
      preparedAnew(target);
    }
  }

  @Test
  void killedWhileItAttachesOrDestroysItHarmsNobody() throws Exception {
    try (TargetJvm target = TargetJvm.of(17)) {
      for (int milliseconds : new int[] {5, 30, 80, 200}) {
        try (Victim daemon = daemon(target)) {
          daemon.tell("inject");
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(milliseconds));
          daemon.signal("KILL");
        }
        assertTrue(target.millis("price 4") < 5_000, "killed after " + milliseconds + " ms");
      }
      try (Victim daemon = daemon(target)) {
        daemon.tell("inject");
        assertEquals("done", daemon.line());
        daemon.tell("destroy");
        daemon.signal("KILL");
      }
      assertTrue(target.millis("price 4") < 5_000);
      threadsOfOursEnd(target);
      preparedAnew(target);
    }
  }

  private Victim daemon(TargetJvm target) throws Exception {
    Victim daemon = Victim.java(JvmDaemon.class, data.toString(), Integer.toString(target.pid()));
    assertEquals("ready", daemon.line());
    return daemon;
  }

  private static void threadsOfOursEnd(TargetJvm target) throws Exception {
    Eventually.eventually("no thread of ours", () -> !target.ask("threads").contains("faultd"));
  }

  /** The next daemon takes away what the last one left, and can work there. */
  private void preparedAnew(TargetJvm target) throws Exception {
    try (JvmNode node = new JvmNode(data)) {
      Eventually.eventually("nothing left", () -> target.left().isEmpty());
      Preparation record = node.prepare(target.pid()).preparation();
      assertEquals(PreparationStatus.RUNNING, record.status(), record.error());
      assertEquals("12", target.result("price 4"));
    }
  }
}
