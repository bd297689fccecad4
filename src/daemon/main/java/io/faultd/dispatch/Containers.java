package io.faultd.dispatch;

import io.faultd.fault.Target;
import io.faultd.spec.ContainerFlags;
import java.io.IOException;
import java.util.Optional;

/** Finds containers. */
@FunctionalInterface
public interface Containers {
  /**
   * Finds the one that is meant; on the owner thread, each time that the experiment is injected.
   *
   * @throws io.faultd.fault.FaultException TARGET_NOT_FOUND if there is none; ILLEGAL_PARAMETER if
   *     there are several; UNSUPPORTED if no runtime answers
   */
  Target find(ContainerFlags flags) throws IOException;

  /** Why none can be found on this node now, for lists of actions; empty if some may be. */
  default Optional<String> missing() {
    return Optional.empty();
  }
}
