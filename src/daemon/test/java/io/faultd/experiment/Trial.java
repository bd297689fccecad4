package io.faultd.experiment;

import io.faultd.fault.Fault;
import io.faultd.fault.Injection;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** A fault that does what a test says. */
final class Trial implements Fault<Trial.Params> {
  static final String YAML =
      """
      target: trial
      desc: What tests need
      scopes: [host]
      actions:
        - action: run
          class: io.faultd.experiment.Trial
          desc: Does what a test says.
          undo: exact
          flags:
            - {name: body, desc: Which., type: text, required: true}
        - action: once
          class: io.faultd.experiment.Trial
          desc: The same, never resumed.
          undo: exact
          resumable: false
          flags:
            - {name: body, desc: Which., type: text, required: true}
        - action: end
          class: io.faultd.experiment.Trial
          desc: The same, finished when it is made.
          undo: none
          flags:
            - {name: body, desc: Which., type: text, required: true}
      """;

  /** What is done, by name. */
  static final Map<String, Body> BODIES = new ConcurrentHashMap<>();

  @Override
  public void inject(Params params, Injection on) throws IOException {
    Objects.requireNonNull(BODIES.get(params.body()), params.body()).inject(on);
  }

  /** The flags. */
  record Params(String body) {}

  /** What is done. */
  interface Body {
    void inject(Injection on) throws IOException;
  }
}
