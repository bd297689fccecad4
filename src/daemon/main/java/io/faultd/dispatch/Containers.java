package io.faultd.dispatch;

import io.faultd.fault.Target;
import io.faultd.spec.ContainerFlags;
import java.io.IOException;

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
}
