package io.faultd.jvm;

import io.faultd.fault.Fault;
import io.faultd.fault.Injection;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes calls of a method throw the first exception that it declares. */
public final class JvmThrowDeclaredException implements Fault<JvmThrowDeclaredException.Params> {
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
   * @param exceptionMessage its message
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
      String exceptionMessage,
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
    Map<String, String> flags = pointcut.flags();
    flags.put("exception-message", params.exceptionMessage());
    RuleHold.inject(
        on,
        RuleHold.target(on),
        params,
        RuleHold.Plan.of("throwDeclaredException", pointcut, flags));
  }
}
