package io.faultd.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.FaultException;
import io.faultd.fault.Target;
import io.faultd.linux.proc.Procfs;
import io.faultd.testing.Eventually;
import io.faultd.testing.Requires;
import io.faultd.testing.TargetJvm;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

@Requires("root")
class FarewellTest {
  private static final Jvms JVMS = new Jvms(Procfs.HOST, each -> false);

  /** The end of a target's FIFO of replies at which it writes. */
  private static Path replies(TargetJvm target) throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/" + target.pid() + "/fd"))) {
      return all.filter(
              each -> {
                try {
                  return Files.readSymbolicLink(each).toString().contains("/replies");
                } catch (IOException closed) {
                  return false;
                }
              })
          .findFirst()
          .orElseThrow();
    }
  }

  private static boolean waits(Thread thread) {
    return Arrays.stream(thread.getStackTrace())
        .anyMatch(each -> each.getClassName().equals(Channel.class.getName()));
  }

  private static long farewells(TargetJvm target) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(each -> each.getName().equals("faultd-farewell-" + target.pid()))
        .count();
  }

  /** Else it would wait at, or read from, what has the descriptor's number next. */
  @Test
  void whoWaitsForAnAnswerKeepsTheChannelUntilItGivesUp() throws Exception {
    try (TargetJvm target = TargetJvm.of(17)) {
      AgentLink link =
          AgentLink.open(
              JVMS.find(null, target.pid(), new Target.Host()),
              "0a0b0c0d",
              Procfs.HOST,
              Duration.ofSeconds(10));
      // so that its end does not show in the channel
      try (FileOutputStream held = new FileOutputStream(replies(target).toFile())) {
        target.signal("STOP");
        Eventually.eventually(
            "stopped", () -> Procfs.HOST.stopped(target.pid()) == Procfs.Stopped.YES);
        FutureTask<FaultException> answer =
            new FutureTask<>(
                () -> assertThrows(FaultException.class, () -> link.ping(Duration.ofSeconds(7))));
        Thread waiting = Thread.ofPlatform().start(answer);
        Eventually.eventually("it waits", () -> waits(waiting));
        link.close();
        assertEquals(1, farewells(target));
        target.signal("KILL");
        Eventually.eventually("ended", () -> !target.alive());
        FaultException silent = assertInstanceOf(FaultException.class, answer.get());
        assertTrue(silent.getMessage().contains("did not answer"), silent.getMessage());
        Eventually.eventually("given back", () -> farewells(target) == 0);
      }
    }
  }
}
