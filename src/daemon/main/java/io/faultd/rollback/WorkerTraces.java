package io.faultd.rollback;

import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.worker.Workers;
import java.io.IOException;

/** Workers whose daemon is gone: their arguments carry the mark. */
final class WorkerTraces implements Sweep.Traces {
  @Override
  public String what() {
    return "workers";
  }

  @Override
  public void look(Sweep.Scope scope, Sweep.Found found) throws IOException {
    for (ProcessIdentity worker : Workers.endOrphans(null, scope.uid())) {
      found.undone("ended worker " + worker.pid());
    }
  }
}
