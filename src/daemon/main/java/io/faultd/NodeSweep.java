package io.faultd;

import io.faultd.experiment.Experiments.Swept;
import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.rollback.Sweep;
import io.faultd.worker.Workers;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Looks for what carries our mark and belongs to no record: hidden files and workers. */
final class NodeSweep {
  private NodeSweep() {}

  /** Looks everywhere on this node; {@code uid} limits it to one experiment. */
  static Swept node(@Nullable String uid) throws IOException {
    Swept workers = workers(null, uid);
    Sweep.Swept files = Sweep.node(uid);
    return both(workers, files);
  }

  /** Looks where the flags of an order say that it worked. */
  static Swept order(String instance, String uid, Map<String, String> flags) throws IOException {
    Swept found = workers(instance, uid);
    Set<Path> folders = new LinkedHashSet<>();
    for (String value : flags.values()) {
      if (value.startsWith("/")) {
        Path path = Path.of(value).normalize();
        folders.add(path);
        folders.add(path.getParent() == null ? path : path.getParent());
      }
    }
    for (Path folder : folders) {
      if (Files.isDirectory(folder)) {
        found = both(found, Sweep.folder(folder.toString(), uid));
      }
    }
    return found;
  }

  static void print(Swept swept, PrintStream out) {
    swept.undone().forEach(each -> out.println("undone: " + each));
    swept.unsure().forEach(each -> out.println("unsure, not touched: " + each));
    out.println(swept.undone().size() + " undone, " + swept.unsure().size() + " unsure");
  }

  private static Swept workers(@Nullable String instance, @Nullable String uid) throws IOException {
    List<String> ended = new ArrayList<>();
    for (ProcessIdentity worker : Workers.endOrphans(instance, uid)) {
      ended.add("ended worker " + worker.pid());
    }
    return new Swept(ended, List.of());
  }

  private static Swept both(Swept first, Sweep.Swept second) {
    List<String> undone = new ArrayList<>(first.undone());
    undone.addAll(second.undone());
    List<String> unsure = new ArrayList<>(first.unsure());
    unsure.addAll(second.unsure());
    return new Swept(List.copyOf(undone), List.copyOf(unsure));
  }
}
