package io.faultd.jvm;

import io.faultd.fault.FaultException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a call that a rule strikes.
 *
 * @param action its name
 * @param flags how, as agents read it
 */
record Strike(String action, Map<String, String> flags) {
  /**
   * It waits.
   *
   * @param offset so much longer or shorter at most, by chance; absent: not at all
   */
  static Strike delay(Duration time, @Nullable Duration offset) {
    Duration most = offset == null ? Duration.ZERO : offset;
    if (time.plus(most).toMillis() == 0) {
      throw FaultException.illegal("time", "0 ms is no delay; 1 ms is the least");
    }
    return new Strike(
        "delay",
        Map.of("time", Long.toString(time.toMillis()), "offset", Long.toString(most.toMillis())));
  }

  /** It throws an exception of a class that is named. */
  static Strike exception(String name, String message) {
    ClassName.checked("exception", name);
    return new Strike(
        "throwCustomException", Map.of("exception", name, "exception-message", message));
  }

  /** It throws the first exception that its method declares. */
  static Strike declaredException(String message) {
    return new Strike("throwDeclaredException", Map.of("exception-message", message));
  }

  /** It returns a value. */
  static Strike value(String value) {
    return new Strike("return", Map.of("value", value));
  }

  /** It answers with an HTTP status. */
  static Strike status(int code) {
    return new Strike("modifyCode", Map.of("code", Integer.toString(code)));
  }
}
