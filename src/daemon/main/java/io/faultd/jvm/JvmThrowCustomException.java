package io.faultd.jvm;

import io.faultd.fault.Fault;
import io.faultd.fault.Injection;
import java.io.IOException;

/** Makes calls of a method throw an exception of a class that is named. */
public final class JvmThrowCustomException implements Fault<JvmThrowCustomException.Params> {
  /**
   * The flags.
   *
   * @param which which calls
   * @param exception full name of its class
   * @param exceptionMessage its message
   */
  public record Params(MethodFlags which, String exception, String exceptionMessage)
      implements CallFlags.Order {}

  @Override
  public void inject(Params params, Injection on) throws IOException {
    RuleHold.inject(
        on, params.which(), Strike.exception(params.exception(), params.exceptionMessage()));
  }
}
