package io.faultd.jvm;

import io.faultd.fault.Fault;
import io.faultd.fault.Injection;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Makes requests to servlets wait, each in its own thread. */
public final class ServletDelay implements Fault<ServletDelay.Params> {
  /**
   * The flags.
   *
   * @param which which calls
   * @param time how long
   * @param offset so much longer or shorter at most, by chance
   */
  public record Params(ServletFlags which, Duration time, @Nullable Duration offset)
      implements CallFlags.Order {}

  @Override
  public void inject(Params params, Injection on) throws IOException {
    RuleHold.inject(on, params.which(), Strike.delay(params.time(), params.offset()));
  }
}
