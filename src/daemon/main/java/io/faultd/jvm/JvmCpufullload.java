package io.faultd.jvm;

import io.faultd.fault.Claim;
import io.faultd.fault.Fault;
import io.faultd.fault.Injection;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Keeps processors busy with threads inside of a JVM, which its own threads must share. */
public final class JvmCpufullload implements Fault<JvmCpufullload.Params> {
  /**
   * The flags.
   *
   * @param jvm in which JVM
   * @param cpuCount how many threads; 0: one for each processor
   */
  public record Params(JvmFlags jvm, int cpuCount) implements JvmFlags.Order {}

  @Override
  public void inject(Params params, Injection on) throws IOException {
    var jvm = RuleHold.target(on);
    on.claim(List.of(Claim.jvmTime(jvm.process(), jvm.name())));
    RuleHold.inject(
        on,
        jvm,
        params.jvm(),
        new RuleHold.Plan(
            "jvm",
            "cpufullload",
            Map.of("cpu-count", Integer.toString(params.cpuCount())),
            "processor load inside",
            "it has not begun yet"));
  }
}
