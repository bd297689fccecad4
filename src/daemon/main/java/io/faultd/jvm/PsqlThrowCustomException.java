package io.faultd.jvm;

import io.faultd.fault.Fault;
import io.faultd.fault.Injection;
import java.io.IOException;

/** Makes statements of PostgreSQL's driver throw an exception of a class that is named. */
public final class PsqlThrowCustomException implements Fault<PsqlThrowCustomException.Params> {
  /**
   * The flags.
   *
   * @param which which calls
   * @param exception full name of its class
   * @param exceptionMessage its message
   */
  public record Params(PsqlFlags which, String exception, String exceptionMessage)
      implements CallFlags.Order {}

  @Override
  public void inject(Params params, Injection on) throws IOException {
    RuleHold.inject(
        on, params.which(), Strike.exception(params.exception(), params.exceptionMessage()));
  }
}
