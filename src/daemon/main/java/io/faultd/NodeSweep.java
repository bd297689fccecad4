package io.faultd;

import io.faultd.client.Visible;
import io.faultd.experiment.AuditLine;
import io.faultd.experiment.Experiments.Swept;
import io.faultd.fault.FaultException;
import io.faultd.rollback.Sweep;
import io.faultd.store.DataFolder;
import io.faultd.store.SqliteStore;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where a sweep looks: everywhere, or where the flags of an order say that it worked. */
final class NodeSweep {
  private NodeSweep() {}

  /** Looks everywhere on this node; {@code uid} limits it to one experiment. */
  static Swept node(@Nullable String uid) {
    return swept(new Sweep.Scope(uid, null));
  }

  /**
   * Looks in the folders that the flags of an order name, and in those above, for the first of them
   * that was not there has its mark in the one above.
   */
  static Swept order(String uid, Map<String, String> flags) {
    Set<Path> folders = new LinkedHashSet<>();
    for (String value : flags.values()) {
      if (value.startsWith("/") && value.indexOf('\0') < 0) {
        for (Path path = Path.of(value).normalize(); path != null; path = path.getParent()) {
          folders.add(path);
        }
      }
    }
    return swept(new Sweep.Scope(uid, folders));
  }

  static void print(Swept swept, PrintStream out) {
    swept.undone().forEach(each -> out.println("undone: " + Visible.text(each)));
    swept.unsure().forEach(each -> out.println("unsure, not touched: " + Visible.text(each)));
    out.println(swept.undone().size() + " undone, " + swept.unsure().size() + " unsure");
  }

  /**
   * Writes the audit's line of it where the daemon has its audit, if it has one: a sweep needs
   * none, and what it did is done.
   */
  static void note(Path data, AuditLine line, PrintStream err) {
    if (Files.exists(data.resolve(DataFolder.DATABASE), LinkOption.NOFOLLOW_LINKS)) {
      try (DataFolder folder = new DataFolder(data);
          SqliteStore store = new SqliteStore(folder, true)) {
        store.note(line);
        return;
      } catch (IOException | FaultException e) {
        err.println(
            "faultd: the audit has no line of it: " + Visible.text(String.valueOf(e.getMessage())));
      }
    }
    line.log();
  }

  private static Swept swept(Sweep.Scope scope) {
    Sweep.Swept found = Sweep.over(scope);
    return new Swept(found.undone(), found.unsure());
  }
}
