package io.faultd.rollback;

import io.faultd.linux.ns.Cover;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.nio.file.Path;

/** Mounts over folders in the mount namespaces of others: their source is a mark. */
final class MountTraces implements Sweep.Traces {
  @Override
  public String what() {
    return "mounts";
  }

  private static boolean within(Sweep.Scope scope, String point) {
    return scope.folders() == null || scope.folders().contains(Path.of(point));
  }

  @Override
  public void look(Sweep.Scope scope, Sweep.Found found) throws IOException {
    for (Cover each : Cover.all(Procfs.HOST)) {
      if (scope.wants(each.mark()) && within(scope, each.mount().point())) {
        String name =
            "mount %s over %s of process %d"
                .formatted(each.mark().label(), each.mount().point(), each.seer().pid());
        if (each.remove(Procfs.HOST)) {
          found.undone(name);
        } else {
          found.unsure(name + ": something is mounted over it");
        }
      }
    }
  }
}
