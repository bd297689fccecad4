package io.faultd.experiment;

import java.util.Map;

/** Finds what experiments without a record left on the node. */
@FunctionalInterface
public interface Sweeper {
  /**
   * Looks for our marks of one experiment, and undoes what carries them.
   *
   * @param flags of the order that made it: say where to look
   */
  Experiments.Swept sweep(String uid, Map<String, String> flags);
}
