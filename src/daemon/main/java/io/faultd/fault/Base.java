package io.faultd.fault;

import io.faultd.linux.file.FileIdentity;

/**
 * What a shared thing was before the first of its members came; restored after the last one left.
 */
public sealed interface Base {

  /**
   * A file that several append to.
   *
   * @param file the file
   * @param size its bytes
   * @param modified its mtime in nanoseconds since the epoch
   */
  @Wire(kind = "file.appended", version = 1)
  record AppendedFile(FileIdentity file, long size, long modified) implements Base {}
}
