package io.faultd.spec;

import io.faultd.fault.Fault;
import io.faultd.fault.FaultException;
import io.faultd.fault.Injection;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A fault with a flag of every type, that does nothing. */
final class Sample implements Fault<Sample.Params> {
  static final String YAML =
      """
      target: sample
      aliases: [smp]
      desc: Samples
      scopes: [host]
      actions:
        - action: all
          class: io.faultd.spec.Sample
          aliases: [a]
          desc: Has everything.
          undo: exact
          matchers:
            - {name: process, desc: A process., type: text, one-of: [process, local-port]}
            - {name: local-port, desc: A port., type: integer, min: 1, max: 65535}
          flags:
            - {name: gone, desc: A switch., type: switch, undo: none}
            - {name: count, desc: How many., type: integer, min: 0, default: 0}
            - {name: large, desc: Large., type: integer, unit: ms}
            - {name: percent, desc: Share., type: number, unit: '%', min: 0, max: 100}
            - {name: time, desc: How long., type: duration, unit: ms, min: 1, default: 1s}
            - {name: size, desc: How much., type: size, unit: MB, excludes: [percent]}
            - {name: filepath, desc: A file., type: path}
            - {name: mark, desc: A mode., type: mode, requires: [filepath]}
            - {name: signal, desc: A signal., type: signal, default: KILL}
            - {name: exclude-process, desc: Not these., type: texts}
            - {name: cpu-list, desc: These., type: numbers, max: 1023}
            - {name: kind, desc: What., type: text, values: [ram, cache], default: ram}
      """;

  @Override
  public void inject(Params params, Injection on) {}

  /** The parameters. */
  record Params(
      @Nullable String process,
      @Nullable Integer localPort,
      boolean gone,
      int count,
      @Nullable Long large,
      @Nullable Double percent,
      Duration time,
      @Nullable Long size,
      @Nullable String filepath,
      @Nullable Integer mark,
      int signal,
      List<String> excludeProcess,
      Rest rest) {
    Params {
      if ("forbidden".equals(process)) {
        throw FaultException.illegal("process", "is not to be touched");
      }
    }
  }

  /** The last of them. */
  record Rest(List<Integer> cpuList, String kind) {}
}
