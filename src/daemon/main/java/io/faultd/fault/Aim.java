package io.faultd.fault;

import io.faultd.linux.file.FileIdentity;
import java.util.List;

/**
 * One thing that an experiment touches, as people name it.
 *
 * @param kind process, file, folder, cpu, container, ...
 * @param id a pid, a path, a number
 * @param name what it is called
 * @param trail of a file in a container, where its path says nothing to the node: the folders from
 *     the top down to it, and itself; else empty
 */
public record Aim(String kind, String id, String name, List<FileIdentity> trail) {
  /** A thing that the node knows by its id. */
  public Aim(String kind, String id, String name) {
    this(kind, id, name, List.of());
  }
}
