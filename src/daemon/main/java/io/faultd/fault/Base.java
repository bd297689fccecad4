package io.faultd.fault;

import io.faultd.linux.file.FileIdentity;
import io.faultd.linux.ns.NetworkIdentity;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

  /**
   * What an interface did with the packets that it sends.
   *
   * @param network the namespace
   * @param index of the interface
   * @param name of the interface
   * @param things its root qdisc and all that hung on it, as {@link io.faultd.linux.tc.Tree} writes
   *     them
   * @param backwards how they must be made again, as {@link io.faultd.linux.tc.Rehearsal} found
   * @param queueLength packets, as {@link io.faultd.linux.net.Link} tells it; absent in old records
   */
  @Wire(kind = "network.queueing", version = 1)
  record Queueing(
      NetworkIdentity network,
      int index,
      String name,
      List<String> things,
      boolean backwards,
      @Nullable Integer queueLength)
      implements Base {}
}
