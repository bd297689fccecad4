package io.faultd.preparation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Eventually;
import io.faultd.testing.Requires;
import io.faultd.testing.TargetJvm;
import io.faultd.testing.Victim;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A daemon that is killed leaves the JVMs of others as they were. */
@Requires("root")
class DaemonDeathTest {
  @TempDir Path data;

  @ParameterizedTest
  @MethodSource("io.faultd.testing.TargetJvm#versions")
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

  /** {@code -Dfaultd.kills=25} kills so many daemons for each version. */
  @ParameterizedTest
  @MethodSource("io.faultd.testing.TargetJvm#versions")
  void rulesAreOutWithin200MillisecondsOfTheDaemonsDeath(int version) throws Exception {
    int kills = Integer.getInteger("faultd.kills", 3);
    long[] micros = new long[kills];
    try (TargetJvm target = TargetJvm.of(version)) {
      for (int i = 0; i < kills; i++) {
        try (Victim daemon = daemon(target)) {
          daemon.tell("inject jvm return classname Shop methodname price value 7");
          assertEquals("done", daemon.line());
          target.ask("watch");
          Eventually.eventually("it strikes", () -> target.millis("struck") > 0);
          long killed = System.nanoTime(); // CLOCK_MONOTONIC, here and there
          daemon.kill();
          long last = awaitUnstruck(target);
          micros[i] = TimeUnit.NANOSECONDS.toMicros(last - killed);
          target.ask("unwatch");
        }
      }
    }
    Arrays.sort(micros);
    System.out.printf(
        "JDK %d, last hit after SIGKILL: median %.1f ms, worst %.1f ms of %d%n",
        version, micros[kills / 2] / 1e3, micros[kills - 1] / 1e3, kills);
    assertTrue(micros[kills / 2] < 200_000, "microseconds: " + Arrays.toString(micros));
    assertTrue(micros[kills - 1] < 1_000_000, "microseconds: " + Arrays.toString(micros));
  }

  /** When it was struck last, once it has not been for half a second. */
  private static long awaitUnstruck(TargetJvm target) throws Exception {
    Eventually.eventually(
        "no longer struck",
        () -> System.nanoTime() - target.millis("struck") > TimeUnit.MILLISECONDS.toNanos(500));
    return target.millis("struck");
  }

  /** What can be seen of an attach: its files, our library in the JVM, the agent at work. */
  private enum Stage {
    FILES,
    LOADING,
    RUNNING;

    boolean reached(TargetJvm target) throws Exception {
      return switch (this) {
        case FILES -> !target.left().isEmpty();
        case LOADING ->
            Files.readString(Path.of("/proc/" + target.pid() + "/maps")).contains("libinstrument");
        case RUNNING -> target.ask("threads").contains("faultd");
      };
    }
  }

  /** What passes may be over before it is looked at; then another daemon is killed. */
  private static final int TRIES = 10;

  /** Whether something is seen before the daemon has done what it was told. */
  private static boolean sees(Victim daemon, Callable<Boolean> so) throws Exception {
    AtomicBoolean seen = new AtomicBoolean();
    Eventually.eventually(
        "that, or all is over",
        () -> {
          boolean over = daemon.hasLine() || !daemon.alive();
          seen.set(so.call());
          return seen.get() || over;
        });
    return seen.get();
  }

  @ParameterizedTest
  @EnumSource
  void killedWhileItAttachesHarmsNobody(Stage stage) throws Exception {
    for (int milliseconds : new int[] {0, 1, 5}) {
      boolean seen = false;
      for (int i = 0; i < TRIES && !seen; i++) {
        seen = killedAt(stage, milliseconds);
      }
      assertTrue(seen, milliseconds + " ms behind " + stage);
    }
  }

  private boolean killedAt(Stage stage, int milliseconds) throws Exception {
    try (TargetJvm target = TargetJvm.of(17)) { // a library that was loaded stays
      boolean seen;
      try (Victim daemon = daemon(target)) {
        daemon.tell("inject");
        seen = sees(daemon, () -> stage.reached(target));
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(milliseconds));
        daemon.kill();
      }
      assertTrue(target.millis("price 4") < 5_000, milliseconds + " ms behind " + stage);
      threadsOfOursEnd(target);
      preparedAnew(target);
      return seen;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"destroy", "revoke"})
  void killedWhileItTakesARuleOutItHarmsNobody(String what) throws Exception {
    try (TargetJvm target = TargetJvm.of(17)) {
      for (int milliseconds : new int[] {0, 1, 2, 5, 10}) {
        try (Victim daemon = daemon(target)) {
          daemon.tell("inject");
          assertEquals("done", daemon.line());
          target.ask("start"); // waits for 60 s if nobody ends it
          daemon.tell(what);
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(milliseconds));
          daemon.kill();
        }
        String when = milliseconds + " ms behind " + what;
        assertTrue(target.millis("join") < 5_000, when);
        assertTrue(target.millis("price 4") < 5_000, when);
        threadsOfOursEnd(target);
      }
      preparedAnew(target);
    }
  }

  /** {@code -Dfaultd.stride=1} tries every millisecond. */
  @ParameterizedTest
  @ValueSource(strings = {"", "echo theirs >file"})
  void killedWhileATmpIsCoveredTheNextDaemonUncoversIt(String before) throws Exception {
    int stride = Integer.getInteger("faultd.stride", 40);
    try (TargetJvm target = TargetJvm.in(TargetJvm.behindReadOnlyTmp(before), 25)) {
      String mounts = target.mounts();
      int covered = 0;
      for (int at = 0; at <= 100; at += stride) {
        try (Victim daemon = daemon(target)) {
          daemon.tell("inject");
          sees(daemon, () -> !target.mounts().equals(mounts));
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(at));
          daemon.kill();
          daemon.ended();
        }
        covered += target.mounts().equals(mounts) ? 0 : 1;
        assertTrue(target.millis("price 4") < 5_000, "killed after " + at + " ms");
        new JvmNode(data).close();
        assertEquals(mounts, target.mounts(), "killed after " + at + " ms");
      }
      assertTrue(covered > 0);
      threadsOfOursEnd(target);
      preparedAnew(target);
      assertEquals(mounts, target.mounts());
    }
  }

  @Test
  void aTmpIsUncoveredForOthersThatSeeItWhenItsJvmIsGoneToo() throws Exception {
    boolean covered = false;
    for (int i = 0; i < TRIES && !covered; i++) {
      covered = uncoveredForOthers();
    }
    assertTrue(covered);
  }

  /** Whether it was covered when the daemon was killed. */
  private boolean uncoveredForOthers() throws Exception {
    try (TargetJvm target = TargetJvm.in(TargetJvm.behindReadOnlyTmp("{ sleep 1000 & }"), 25)) {
      String mounts = target.mounts();
      ProcessHandle other =
          ProcessHandle.of(target.pid()).orElseThrow().children().findFirst().orElseThrow();
      try (Victim daemon = daemon(target)) {
        daemon.tell("inject");
        sees(daemon, () -> !target.mounts().equals(mounts));
        daemon.kill();
        daemon.ended();
        target.signal("KILL");
        Eventually.eventually("ended", () -> !target.alive());
        Path seen = Path.of("/proc/" + other.pid() + "/mountinfo");
        boolean covered = !mounts.equals(Files.readString(seen));
        new JvmNode(data).close();
        assertEquals(mounts, Files.readString(seen));
        return covered;
      } finally {
        other.destroyForcibly();
      }
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
