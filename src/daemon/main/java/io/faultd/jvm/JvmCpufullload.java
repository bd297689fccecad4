package io.faultd.jvm;

import io.faultd.fault.Claim;
import io.faultd.fault.Fault;
import io.faultd.fault.Injection;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Keeps processors busy with threads inside of a JVM, which its own threads must share. */
public final class JvmCpufullload implements Fault<JvmCpufullload.Params> {
  /**
   * The flags.
   *
   * @param process a part of its command line
   * @param pid its pid
   * @param cpuCount how many threads; 0: one for each processor
   * @param refresh whether an agent that is there is sent away first
   * @param javaHome taken for the sake of clients that send it
   */
  public record Params(
      @Nullable String process,
      @Nullable Integer pid,
      int cpuCount,
      boolean refresh,
      @Nullable String javaHome)
      implements JvmFlags {}

  @Override
  public void inject(Params params, Injection on) throws IOException {
    var jvm = RuleHold.target(on);
    on.claim(List.of(Claim.jvmTime(jvm.process(), jvm.name())));
    RuleHold.inject(
        on,
        jvm,
        params,
        new RuleHold.Plan(
            "jvm",
            "cpufullload",
            Map.of("cpu-count", Integer.toString(params.cpuCount())),
            "processor load inside",
            "it has not begun yet"));
  }
}
