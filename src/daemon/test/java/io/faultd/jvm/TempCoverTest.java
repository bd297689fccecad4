package io.faultd.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.fault.Target;
import io.faultd.linux.Fd;
import io.faultd.linux.Mark;
import io.faultd.linux.file.Root;
import io.faultd.linux.ns.Cover;
import io.faultd.linux.proc.Procfs;
import io.faultd.testing.Eventually;
import io.faultd.testing.Requires;
import io.faultd.testing.TargetJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@Requires("root")
class TempCoverTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final String INSTANCE = "0a0b0c0d";
  private static final Mark MARK = new Mark(INSTANCE, "jvm", 0);
  private static final Jvms JVMS = new Jvms(Procfs.HOST, each -> false);

  /** So often may an attach be over before somebody comes in between. */
  private static final int TRIES = 20;

  private final ExecutorService one = Executors.newSingleThreadExecutor();

  @AfterEach
  void end() {
    one.shutdownNow();
  }

  private static JvmProcess jvm(TargetJvm target) throws IOException {
    return JVMS.find(null, target.pid(), new Target.Host());
  }

  private static void put(JvmProcess jvm) throws IOException {
    try (Root root = Root.of(jvm.process(), Procfs.HOST);
        Fd folder = root.folder("/tmp")) {
      Cover.put(root, folder, MARK);
    }
  }

  /** A process that sees what a target sees and lives on. */
  private static ProcessHandle beside(TargetJvm target) {
    return ProcessHandle.of(target.pid()).orElseThrow().children().findFirst().orElseThrow();
  }

  private static String mounts(ProcessHandle seer) throws IOException {
    return Files.readString(Path.of("/proc/" + seer.pid() + "/mountinfo"));
  }

  private static void refused(JvmProcess jvm, Reason reason) {
    FaultException refusal =
        assertThrows(FaultException.class, () -> TempCover.made(jvm, MARK, Procfs.HOST));
    assertEquals(reason, refusal.reason(), refusal.getMessage());
  }

  @Test
  void whatIsNotSeenAsItWasMadeIsTakenAwayAlsoWhereTheJvmIsGone() throws Exception {
    try (TargetJvm target = TargetJvm.in(TargetJvm.behindReadOnlyTmp("{ sleep 1000 & }"), 17)) {
      ProcessHandle other = beside(target);
      try {
        String mounts = mounts(other);
        JvmProcess jvm = jvm(target);
        put(jvm);
        put(jvm);
        refused(jvm, Reason.UNSUPPORTED);
        assertEquals(mounts, mounts(other));
        put(jvm);
        assertNotEquals(mounts, mounts(other));
        target.signal("KILL");
        Eventually.eventually("ended", () -> !target.alive());
        refused(jvm, Reason.TARGET_NOT_FOUND);
        assertEquals(mounts, mounts(other));
      } finally {
        other.destroyForcibly();
      }
    }
  }

  private Future<AgentLink> attaching(TargetJvm target) throws Exception {
    String mounts = target.mounts();
    JvmProcess jvm = jvm(target);
    Future<AgentLink> attached =
        one.submit(() -> AgentLink.open(jvm, INSTANCE, Procfs.HOST, LIMIT));
    Eventually.eventually("covered", () -> attached.isDone() || !target.mounts().equals(mounts));
    return attached;
  }

  /** What the attach failed with; null if it was over before. */
  private static Throwable failure(Future<AgentLink> attached) throws Exception {
    try (AgentLink tooEarly = attached.get()) {
      tooEarly.ping(LIMIT);
      return null;
    } catch (ExecutionException e) {
      return e.getCause();
    } catch (FaultException gone) {
      return null;
    }
  }

  @Test
  void theAgentGoesTooWhereTheCoverThatItCameThroughCannotBeTakenAway() throws Exception {
    try (TargetJvm target = TargetJvm.in(TargetJvm.behindReadOnlyTmp("mkdir in"), 17)) {
      String mounts = target.mounts();
      Throwable failure = null;
      for (int i = 0; i < TRIES && failure == null; i++) {
        Future<AgentLink> attached = attaching(target);
        assertEquals(0, in(target, "mount", "-t", "tmpfs", "none", "/tmp/in"));
        failure = failure(attached);
        if (failure != null) {
          assertTrue(failure.getMessage().contains("stays covered"), failure.toString());
          assertFalse(target.mounts().equals(mounts), "theirs stays, and ours below it");
          Eventually.eventually("no agent", () -> !target.ask("threads").contains("faultd"));
        }
        assertEquals(0, in(target, "umount", "/tmp/in"));
        assertEquals(List.of(), TempCover.removeAll(INSTANCE, Procfs.HOST));
        assertEquals(mounts, target.mounts());
      }
      assertTrue(failure != null, "nobody came in between");
    }
  }

  private static int in(TargetJvm target, String... command) throws Exception {
    List<String> all = new java.util.ArrayList<>(List.of("nsenter", "-m", "-t"));
    all.add(Integer.toString(target.pid()));
    all.addAll(List.of(command));
    return new ProcessBuilder(all).inheritIO().start().waitFor();
  }

  @Test
  void ofAJvmThatIsKilledWhileItIsCoveredNothingStays() throws Exception {
    Throwable failure = null;
    for (int i = 0; i < TRIES && failure == null; i++) {
      try (TargetJvm target = TargetJvm.in(TargetJvm.behindReadOnlyTmp("{ sleep 1000 & }"), 17)) {
        ProcessHandle other = beside(target);
        try {
          String mounts = mounts(other);
          Future<AgentLink> attached = attaching(target);
          ProcessHandle.of(target.pid()).orElseThrow().destroyForcibly();
          failure = failure(attached);
          assertEquals(mounts, mounts(other));
        } finally {
          other.destroyForcibly();
        }
      }
    }
    assertTrue(failure instanceof FaultException, "killed while it was covered: " + failure);
    assertEquals(
        Reason.TARGET_NOT_FOUND, ((FaultException) failure).reason(), failure.getMessage());
    assertFalse(Files.readString(Path.of("/proc/self/mountinfo")).contains("faultd-" + INSTANCE));
  }
}
