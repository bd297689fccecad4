package io.faultd.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.Created;
import io.faultd.experiment.Experiment;
import io.faultd.fault.Reason;
import io.faultd.testing.Eventually;
import io.faultd.testing.TargetJvm;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class JvmCpufullloadTest extends JvmFaultTest {
  @Test
  void keepsOneProcessorBusyUntilItIsDestroyed() throws Exception {
    TargetJvm target = target(17);
    node.prepare(target.pid());
    Experiment load = node.inject(target.pid(), "cpufullload", "cpu-count", "1");
    long begin = used(target);
    Eventually.eventually("a second of a processor", () -> used(target) - begin > 100);
    Created second = node.create(target.pid(), "cpufullload", "cpu-count", "1");
    assertNotNull(second.failure());
    assertEquals(Reason.CONFLICT, second.failure().reason());
    undone(load, target);
    long after = used(target);
    target.millis("sell tea");
    assertTrue(used(target) - after < 50, "it is idle again");
  }

  /** Clock ticks of its processor time (proc_pid_stat(5), fields 14 and 15). */
  private static long used(TargetJvm target) throws Exception {
    String stat = Files.readString(Path.of("/proc/" + target.pid() + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }
}
