package io.faultd.experiment;

import io.faultd.fault.Aim;
import java.util.List;
import java.util.Optional;

/** Keeps what nobody wants broken from being broken by mistake. */
@FunctionalInterface
public interface Guard {
  /**
   * Why this thing is protected.
   *
   * @param allowed names, pids and paths that the order wants to touch all the same
   * @return empty if it may be touched
   */
  Optional<String> guards(Aim aim, List<String> allowed);
}
