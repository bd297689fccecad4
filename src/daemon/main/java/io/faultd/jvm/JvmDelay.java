package io.faultd.jvm;

import io.faultd.fault.Fault;
import io.faultd.fault.FaultException;
import io.faultd.fault.Injection;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes calls of a method wait, each in its own thread. */
public final class JvmDelay implements Fault<JvmDelay.Params> {
  /**
   * The flags.
   *
   * @param process a part of its command line
   * @param pid its pid
   * @param classname the class
   * @param methodname its method
   * @param after when it returns, not when it is called
   * @param override also what overrides it
   * @param effectCount at most so many times
   * @param effectPercent so many of a hundred, by chance
   * @param time how long
   * @param offset so much longer at most
   * @param refresh whether an agent that is there is sent away first
   * @param javaHome taken for the sake of clients that send it
   */
  public record Params(
      @Nullable String process,
      @Nullable Integer pid,
      String classname,
      String methodname,
      boolean after,
      boolean override,
      @Nullable Long effectCount,
      @Nullable Integer effectPercent,
      Duration time,
      @Nullable Duration offset,
      boolean refresh,
      @Nullable String javaHome)
      implements JvmFlags {}

  @Override
  public void inject(Params params, Injection on) throws IOException {
    Pointcut pointcut =
        new Pointcut(
            params.classname(),
            params.methodname(),
            params.after(),
            params.override(),
            params.effectCount(),
            params.effectPercent());
    Duration offset = params.offset() == null ? Duration.ZERO : params.offset();
    if (params.time().plus(offset).toMillis() == 0) {
      throw FaultException.illegal("time", "0 ms is no delay; 1 ms is the least");
    }
    Map<String, String> flags = pointcut.flags();
    flags.put("time", Long.toString(params.time().toMillis()));
    if (!offset.isZero()) {
      flags.put("offset", Long.toString(offset.toMillis()));
    }
    RuleHold.inject(on, RuleHold.target(on), params, RuleHold.Plan.of("delay", pointcut, flags));
  }
}
