package io.faultd.rollback;

import io.faultd.linux.proc.Procfs;
import io.faultd.linux.proc.Stat;
import java.io.IOException;

/**
 * Stopped processes, which carry no mark: whoever stopped them, they are only told of. Of one order
 * its own look at its target tells more.
 */
final class StoppedTraces implements Sweep.Traces {
  private static final Procfs PROCFS = Procfs.HOST;

  @Override
  public String what() {
    return "stopped processes";
  }

  @Override
  public void look(Sweep.Scope scope, Sweep.Found found) throws IOException {
    if (scope.folders() != null) {
      return;
    }
    for (int pid : PROCFS.pids()) {
      PROCFS
          .stat(pid)
          .filter(stat -> stat.state() == 'T')
          .filter(stat -> PROCFS.status(pid, "TracerPid").orElse("0").equals("0"))
          .map(Stat::name)
          .ifPresent(name -> found.unsure("process %d (%s) is stopped".formatted(pid, name)));
    }
  }
}
