package io.faultd.cri;

import io.faultd.fault.Fault;
import io.faultd.fault.FaultException;
import io.faultd.fault.Injection;
import io.faultd.fault.Reason;
import io.faultd.fault.Target;
import java.io.IOException;
import java.time.Duration;

/** Ends a container and has its runtime forget it; there is no way back. */
public final class ContainerRemove implements Fault<ContainerRemove.Params> {
  private static final Duration LIMIT = Duration.ofSeconds(5);

  /**
   * The flags.
   *
   * @param force of no meaning: a container that runs is removed without it
   */
  public record Params(boolean force) {}

  @Override
  public void inject(Params params, Injection on) throws IOException {
    if (!(on.target() instanceof Target.Container container)) {
      throw new FaultException(Reason.UNSUPPORTED, "only a container can be removed");
    }
    String name = "container %s (%s)".formatted(container.id(), container.name());
    on.irrevocable("remove " + name);
    container.removal().remove();
    if (!on.await(LIMIT, () -> container.gone().isPresent())) {
      throw new FaultException(
          Reason.INJECT_FAILED, name + " was removed, says its runtime, but still runs");
    }
  }
}
