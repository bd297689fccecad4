package io.faultd;

import io.faultd.store.DataFolder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;

/** One daemon on a node, whatever its data folder: two would not see each other's claims. */
final class NodeLock {
  private NodeLock() {}

  /**
   * Takes the node; it is free again when this process ends.
   *
   * @throws IOException if another daemon has it
   */
  static FileLock take(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      DataFolder.folder(folder);
    }
    FileChannel channel = DataFolder.lockFile(file);
    return DataFolder.locked(
        channel, "another faultd runs on this node: it holds " + file + " (node.lock)");
  }
}
