package io.faultd.rollback;

import io.faultd.linux.cgroup.Freezer;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;

/** Control groups that somebody froze, perhaps us: nothing tells who did. */
final class FrozenTraces implements Sweep.Traces {
  @Override
  public String what() {
    return "frozen control groups";
  }

  @Override
  public void look(Sweep.Scope scope, Sweep.Found found) throws IOException {
    if (scope.folders() != null) {
      return;
    }
    for (Freezer each : Freezer.frozen(Procfs.HOST)) {
      found.unsure("control group %s is frozen".formatted(each.folder()));
    }
  }
}
