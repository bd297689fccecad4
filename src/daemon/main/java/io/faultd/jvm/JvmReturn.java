package io.faultd.jvm;

import io.faultd.fault.Fault;
import io.faultd.fault.Injection;
import java.io.IOException;

/** Makes calls of a method return a value without doing anything. */
public final class JvmReturn implements Fault<JvmReturn.Params> {
  /**
   * The flags.
   *
   * @param which which calls
   * @param value what is returned, read as the type of the method
   */
  public record Params(MethodFlags which, String value) implements CallFlags.Order {}

  @Override
  public void inject(Params params, Injection on) throws IOException {
    RuleHold.inject(on, params.which(), Strike.value(params.value()));
  }
}
