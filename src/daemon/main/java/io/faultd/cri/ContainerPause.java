package io.faultd.cri;

import io.faultd.fault.Claim;
import io.faultd.fault.Fault;
import io.faultd.fault.FaultException;
import io.faultd.fault.Injection;
import io.faultd.fault.Reason;
import io.faultd.fault.Target;
import io.faultd.fault.Undo;
import io.faultd.linux.cgroup.Freezer;
import io.faultd.linux.cgroup.Hierarchy;
import io.faultd.linux.ns.GroupPaths;
import io.faultd.linux.proc.Procfs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Freezes all processes of a container, by its control group and not by signals: they cannot tell,
 * and none of them escapes.
 */
public final class ContainerPause implements Fault<ContainerPause.Params> {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final List<String> TREES = List.of("freezer", "");

  /** There are no flags. */
  public record Params() {}

  @Override
  public void inject(Params params, Injection on) throws IOException {
    if (!(on.target() instanceof Target.Container container)) {
      throw new FaultException(Reason.UNSUPPORTED, "only a container can be paused");
    }
    String name = "container %s (%s)".formatted(container.id(), container.name());
    Freezer freezer = freezer(container, name);
    String key = freezer.key().orElseThrow(() -> ended(container));
    on.claim(List.of(new Claim("cgroup:" + key + ":freeze", true, name)));
    if (freezer.told()) {
      // some runtimes freeze what they end
      throw container.gone().isPresent()
          ? ended(container)
          : new FaultException(Reason.CONFLICT, name + " is paused already");
    }
    on.undo(
        new Undo.GroupFrozen(
            freezer.folder().toString(),
            freezer.unified(),
            key,
            container.inside().process(),
            name));
    freezer.tell(true);
    boolean still = on.await(LIMIT, () -> container.gone().isPresent() || frozen(freezer));
    if (container.gone().isPresent()) {
      throw ended(container);
    }
    if (!still) {
      throw new FaultException(
          Reason.INJECT_FAILED, name + " does not stand still: one of it waits in the kernel");
    }
  }

  private static FaultException ended(Target.Container container) {
    return new FaultException(
        Reason.TARGET_NOT_FOUND,
        ContainerFinder.BY_ID,
        null,
        "target-gone: container %s (%s) has ended".formatted(container.id(), container.name()));
  }

  private static Freezer freezer(Target.Container container, String name) throws IOException {
    Optional<Freezer> freezer =
        Freezer.of(
            controller ->
                container
                    .group(controller)
                    .flatMap(path -> GroupPaths.container(path, container.id())),
            Procfs.HOST);
    if (freezer.isEmpty()) {
      throw new FaultException(
          Reason.UNSUPPORTED,
          "the freezer of %s is not seen here: %s"
              .formatted(name, Hierarchy.missing(TREES, Procfs.HOST)));
    }
    if (!freezer.get().writable()) {
      throw new FaultException(
          Reason.UNSUPPORTED,
          "the freezer of %s is read-only here: %s; mount the node's /sys/fs/cgroup for writing"
              .formatted(name, freezer.get().folder()));
    }
    return freezer.get();
  }

  private static boolean frozen(Freezer freezer) {
    try {
      return freezer.frozen();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
