package io.faultd;

import io.faultd.linux.file.Flock;
import io.faultd.linux.file.Private;
import io.faultd.store.DataFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/** One daemon on a node, whatever its data folder: two would not see each other's claims. */
final class NodeLock {
  private NodeLock() {}

  /**
   * Takes the node; it is free again when this process ends.
   *
   * @throws IOException if another daemon has it, or others can change it
   */
  static Flock take(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      DataFolder.folder(folder);
    }
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      Optional<String> flaw = Private.flawUnderOneName(file);
      if (flaw.isPresent()) {
        throw new IOException(
            "node.lock: %s %s; use a file that only root can change".formatted(file, flaw.get()));
      }
    }
    return Flock.take(file.toString())
        .orElseThrow(() ->
            new IOException("another faultd runs on this node: it holds " + file + " (node.lock)"));
  }
}
