package io.faultd.dispatch;

import io.faultd.fault.Fault;
import io.faultd.fault.Injection;
import java.util.List;

/** A fault that does nothing. */
final class Nap implements Fault<Nap.Params> {
  static final String YAML =
      """
      target: nap
      aliases: [doze]
      desc: Naps
      scopes: [host]
      actions:
        - action: take
          class: io.faultd.dispatch.Nap
          aliases: [t]
          desc: Naps.
          undo: exact
          flags:
            - {name: at, desc: When., type: texts}
            - {name: force, desc: For good., type: switch, undo: none}
        - action: fly
          class: io.faultd.dispatch.Nap
          desc: Naps in the air.
          undo: exact
          needs: [wings]
          flags:
            - {name: at, desc: When., type: texts}
            - {name: force, desc: For good., type: switch}
      """;

  @Override
  public void inject(Params params, Injection on) {}

  /** The parameters. */
  record Params(List<String> at, boolean force) {}
}
