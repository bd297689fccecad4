package io.faultd.dispatch;

import io.faultd.fault.FaultException;
import java.util.Map;

/**
 * Who finds what orders aim at.
 *
 * @param containers finds the place of orders of the scope cri
 * @param executors by folder of specs; one that is not named takes the place itself
 */
public record Finders(Containers containers, Map<String, Executor> executors) {

  /** Nothing but this node itself. */
  public static final Finders NODE =
      new Finders(
          flags -> {
            throw FaultException.unsupported(
                "scope", "containers are not looked for here, only this node itself (host)");
          },
          Map.of());
}
