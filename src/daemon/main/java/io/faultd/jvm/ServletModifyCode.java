package io.faultd.jvm;

import io.faultd.fault.Fault;
import io.faultd.fault.Injection;
import java.io.IOException;

/** Answers requests to servlets with a status, in the place of the servlet. */
public final class ServletModifyCode implements Fault<ServletModifyCode.Params> {
  /**
   * The flags.
   *
   * @param which which calls
   * @param code the status
   */
  public record Params(ServletFlags which, int code) implements CallFlags.Order {}

  @Override
  public void inject(Params params, Injection on) throws IOException {
    RuleHold.inject(on, params.which(), Strike.status(params.code()));
  }
}
