package io.faultd.os.cpu;

import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.fault.Target;
import io.faultd.linux.cgroup.Group;
import io.faultd.linux.cgroup.Hierarchy;
import io.faultd.linux.proc.ProcessIdentity;
import io.faultd.linux.proc.Processors;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Where a load is put, and whose time it takes.
 *
 * @param key of the control group, for claims
 * @param processors that it may run on
 * @param contained what a container adds; absent: the whole node
 */
record Ground(String key, List<Integer> processors, @Nullable Contained contained) {
  private static final Procfs PROCFS = Procfs.HOST;

  /** What a worker needs once it is warm: pages of its heap, and threads. */
  private static final long MEMORY = 32L << 20;

  private static final int THREADS = 40;

  private static final List<String> TREES = List.of("cpu", "cpuacct", "");

  /**
   * A container's part.
   *
   * @param groups in which the worker is put
   * @param usage the file that counts the time of the container
   * @param init with which the worker ends
   */
  record Contained(List<Group> groups, Path usage, ProcessIdentity init) {

    /**
     * How many processors' time is all that there is on so many of them now: containers are resized
     * while they run.
     */
    double capacity(int processors) throws IOException {
      double limit = groups.getFirst().processors().orElse(0);
      return limit > 0 ? Math.min(limit, processors) : processors;
    }
  }

  /**
   * The ground of a place.
   *
   * @param allowOom whether the container may be ended for want of memory
   * @throws FaultException UNSUPPORTED if a load would harm the container otherwise than asked
   */
  static Ground of(Target place, boolean allowOom) throws IOException {
    Optional<ProcessIdentity> init = place.init();
    List<Integer> online = Processors.online();
    if (init.isEmpty()) {
      return new Ground("root", online, null);
    }
    List<Group> groups = groups(place, allowOom);
    boolean unified = groups.getFirst().tree().controller().isEmpty();
    Path usage =
        unified
            ? groups.getFirst().folder().resolve("cpu.stat")
            : seen(place, "cpuacct").folder().resolve("cpuacct.usage");
    List<Integer> allowed =
        PROCFS
            .status(init.get().pid(), "Cpus_allowed_list")
            .map(Processors::list)
            .map(list -> list.stream().filter(online::contains).toList())
            .filter(list -> !list.isEmpty())
            .orElse(online);
    return new Ground(
        groups.getFirst().key(), allowed, new Contained(List.copyOf(groups), usage, init.get()));
  }

  private static List<Group> groups(Target place, boolean allowOom) throws IOException {
    List<Group> groups = new ArrayList<>();
    Optional<Group> first = group(place, "cpu");
    if (first.isPresent()) {
      groups.add(first.get());
      for (String controller : List.of("cpuacct", "cpuset")) {
        group(place, controller)
            .filter(each -> groups.stream().noneMatch(g -> same(g, each)))
            .ifPresent(groups::add);
      }
    } else {
      Group unified = seen(place, "");
      roomy(unified, allowOom);
      groups.add(unified);
    }
    for (Group each : groups) {
      if (!each.writable()) {
        throw unsupported(
            "the container's control groups are read-only here: %s; mount the node's"
                    .formatted(each.folder())
                + " /sys/fs/cgroup for writing");
      }
    }
    return groups;
  }

  private static Group seen(Target place, String controller) throws IOException {
    Optional<Group> group = group(place, controller);
    if (group.isEmpty()) {
      throw unsupported(
          "the container's control groups are not seen here: " + Hierarchy.missing(TREES, PROCFS));
    }
    return group.get();
  }

  private static Optional<Group> group(Target place, String controller) throws IOException {
    Optional<String> path = place.group(controller);
    return path.isEmpty() ? Optional.empty() : Group.of(controller, path.get(), PROCFS);
  }

  /** Controllers that are mounted together have one folder. */
  private static boolean same(Group one, Group other) {
    try {
      return one.key().equals(other.key());
    } catch (IOException gone) {
      return false;
    }
  }

  /**
   * In version 2 the worker's memory and threads count, too, and may take the container with it.
   */
  private static void roomy(Group group, boolean allowOom) throws IOException {
    OptionalLong pids = group.number("pids.max");
    if (pids.isPresent() && pids.getAsLong() - group.number("pids.current").orElse(0) < THREADS) {
      throw unsupported(
          "the container may have %d processes and threads (pids.max), which leaves fewer than the"
                  .formatted(pids.getAsLong())
              + " "
              + THREADS
              + " that a load needs");
    }
    OptionalLong memory = group.number("memory.max");
    boolean together = group.number("memory.oom.group").orElse(0) == 1;
    if (memory.isPresent()
        && together
        && !allowOom
        && memory.getAsLong() - group.number("memory.current").orElse(0) < MEMORY) {
      throw unsupported(
          "the container has less than %d MiB of memory left and ends as a whole for want of it"
                  .formatted(MEMORY >> 20)
              + " (memory.oom.group); allow-oom takes that risk");
    }
  }

  private static FaultException unsupported(String message) {
    return new FaultException(Reason.UNSUPPORTED, message);
  }
}
