package io.faultd.jvm;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.fault.Target;
import io.faultd.linux.proc.Procfs;
import io.faultd.testing.Frozen;
import io.faultd.testing.Requires;
import io.faultd.testing.TargetJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** JVMs that stand still: nothing is sent to them, and so nothing comes of it later. */
@Requires("root")
class StandstillTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final Jvms JVMS = new Jvms(Procfs.HOST, each -> false);

  @Test
  void oneThatListensAlreadyIsRefusedAtOnceWhileItIsStopped() throws Exception {
    try (TargetJvm target = TargetJvm.of(17)) {
      spokenWith(target);
      target.signal("STOP");
      eventually("stopped", () -> Procfs.HOST.stopped(target.pid()) == Procfs.Stopped.YES);
      refused(target, "is stopped (SIGSTOP)");
      target.signal("CONT");
      assertEquals("12", target.result("price 4"));
      assertEquals(List.of(), agents(target));
      spokenWith(target);
    }
  }

  @ParameterizedTest
  @MethodSource("io.faultd.testing.TargetJvm#versions")
  void oneThatIsFrozenGetsNoSignalThatItWouldTakeLater(int version) throws Exception {
    try (TargetJvm target = TargetJvm.of(version);
        Frozen frozen = new Frozen(target.pid())) {
      frozen.tell(true);
      refused(target, "is frozen (by its control group)");
      for (String pending : List.of("SigPnd", "ShdPnd")) {
        assertEquals(
            "0000000000000000", Procfs.HOST.status(target.pid(), pending).orElseThrow(), pending);
      }
      frozen.tell(false);
      assertEquals("12", target.result("price 4")); // and no dump of its threads before it
      spokenWith(target);
      frozen.tell(true);
      refused(target, "is frozen (by its control group)");
      frozen.tell(false);
      assertEquals(List.of(), agents(target));
    }
  }

  @Test
  void oneIsFrozenToWithAGroupAboveItsOwn() throws Exception {
    try (TargetJvm target = TargetJvm.of(17);
        Frozen frozen = new Frozen(target.pid())) {
      frozen.below(target.pid());
      frozen.tell(true);
      refused(target, "is frozen (by its control group)");
      frozen.tell(false);
      spokenWith(target);
    }
  }

  private static List<String> agents(TargetJvm target) throws IOException {
    try (var tasks = Files.list(Path.of("/proc/" + target.pid() + "/task"))) {
      return tasks.map(StandstillTest::name).filter(each -> each.startsWith("faultd")).toList();
    }
  }

  private static String name(Path task) {
    try {
      return Files.readString(task.resolve("comm")).strip();
    } catch (IOException ended) {
      return "";
    }
  }

  private static AgentLink open(TargetJvm target) throws IOException {
    JvmProcess jvm = JVMS.find(null, target.pid(), new Target.Host());
    return AgentLink.open(jvm, "0a0b0c0d", Procfs.HOST, LIMIT);
  }

  private static void spokenWith(TargetJvm target) throws Exception {
    try (AgentLink link = open(target)) {
      link.ping(SOON);
    }
    eventually("the agent has ended", () -> agents(target).isEmpty());
  }

  private static void refused(TargetJvm target, String text) {
    long begin = System.nanoTime();
    FaultException refusal = assertThrows(FaultException.class, () -> open(target).close());
    assertEquals(Reason.UNSUPPORTED, refusal.reason(), refusal.getMessage());
    assertTrue(refusal.getMessage().contains(text), refusal.getMessage());
    assertTrue(System.nanoTime() - begin < SOON.toNanos(), "at once");
    assertEquals(List.of(), target.left());
    assertFalse(Files.exists(Path.of("/tmp/.attach_pid" + target.pid())));
  }
}
