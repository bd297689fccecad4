package io.faultd.jvm;

import io.faultd.fault.Fault;
import io.faultd.fault.Injection;
import java.io.IOException;

/** Makes calls of a method throw the first exception that it declares. */
public final class JvmThrowDeclaredException implements Fault<JvmThrowDeclaredException.Params> {
  /**
   * The flags.
   *
   * @param which which calls
   * @param exceptionMessage its message
   */
  public record Params(MethodFlags which, String exceptionMessage) implements CallFlags.Order {}

  @Override
  public void inject(Params params, Injection on) throws IOException {
    RuleHold.inject(on, params.which(), Strike.declaredException(params.exceptionMessage()));
  }
}
