package io.faultd.dispatch;

import io.faultd.fault.Target;
import java.io.IOException;

/** Finds, in a place, what the orders of one folder of specs aim at. */
@FunctionalInterface
public interface Executor {
  /** What an order aims at is the place itself. */
  Executor PLACE = (place, params) -> place;

  /**
   * Finds it; on the owner thread, each time that the experiment is injected.
   *
   * @param place this node or a container; belongs to what is returned, which closes it
   * @param params the fault's
   * @throws io.faultd.fault.FaultException TARGET_NOT_FOUND if there is none
   */
  Target find(Target place, Record params) throws IOException;
}
