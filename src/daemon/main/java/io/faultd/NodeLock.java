package io.faultd;

import io.faultd.linux.file.Flock;
import io.faultd.store.DataFolder;
import java.io.IOException;
import java.nio.file.Path;

/** One daemon on a node, whatever its data folder: two would not see each other's claims. */
final class NodeLock {
  private NodeLock() {}

  /**
   * Takes the node; it is free again when this process ends.
   *
   * @throws IOException if another daemon has it
   */
  static Flock take(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      DataFolder.folder(folder);
    }
    return Flock.take(file.toString())
        .orElseThrow(() ->
            new IOException("another faultd runs on this node: it holds " + file + " (node.lock)"));
  }
}
