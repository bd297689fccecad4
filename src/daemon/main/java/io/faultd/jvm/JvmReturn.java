package io.faultd.jvm;

import io.faultd.fault.Fault;
import io.faultd.fault.Injection;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Makes calls of a method return a value without doing anything. */
public final class JvmReturn implements Fault<JvmReturn.Params> {
  /**
   * The flags.
   *
   * @param process a part of its command line
   * @param pid its pid
   * @param classname the class
   * @param methodname its method
   * @param after when it returns, not when it is called
   * @param override also what overrides it
   * @param argument only with these arguments
   * @param effectCount at most so many
   * @param effectPercent exactly so many of each hundred
   * @param value what is returned, read as the type of the method
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
      @Nullable String argument,
      @Nullable Long effectCount,
      @Nullable Integer effectPercent,
      String value,
      boolean refresh,
      @Nullable String javaHome)
      implements MethodFlags {}

  @Override
  public void inject(Params params, Injection on) throws IOException {
    RuleHold.inject(on, params, Strike.value(params.value()));
  }
}
