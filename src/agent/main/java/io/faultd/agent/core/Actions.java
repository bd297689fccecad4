package io.faultd.agent.core;

import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** The actions that every library has. */
public final class Actions {
  private static final long LONGEST = 365L * 24 * 3600 * 1000;
  private static final String MESSAGE = "chaosblade-mock-exception";

  private Actions() {}

  /**
   * Makes one of {@code delay} and {@code throwCustomException}.
   *
   * @throws Refusal if there is no such action, or a flag is wrong
   */
  public static Action common(String name, Flags flags) throws Refusal {
    switch (name) {
      case "delay":
        return new Delay(
            flags.needNumber("time", 0, LONGEST), flags.number("offset", 0, LONGEST, 0));
      case "throwCustomException":
        return new Raise(flags.need("exception"), flags.take("exception-message"));
      default:
        throw new Refusal(Refusal.Kind.UNKNOWN_ACTION, null, "no such action: " + name);
    }
  }

  /** Makes {@code throwDeclaredException}: the first exception that a method declares. */
  public static Action declared(Flags flags) {
    return new Raise(null, flags.take("exception-message"));
  }

  /** Makes {@code return}: a value instead of the method's. */
  public static Action value(Flags flags) throws Refusal {
    String value = flags.take("value");
    if (value == null) {
      throw new Refusal(Refusal.Kind.MISSING, "value", "is missing");
    }
    return new Return(value);
  }

  private static final class Delay extends Action {
    private final long time;
    private final long offset;

    Delay(long time, long offset) {
      this.time = time;
      this.offset = offset;
    }

    @Override
    public void strike(Rest rest, @Nullable Object first, @Nullable Object second) {
      long random = offset == 0 ? 0 : ThreadLocalRandom.current().nextLong(-offset, offset + 1);
      rest.take(time + random);
    }
  }

  private static final class Raise extends Action {
    private final @Nullable String exception;
    private final String message;

    Raise(@Nullable String exception, @Nullable String message) {
      this.exception = exception;
      this.message = message == null ? MESSAGE : message;
    }

    @Override
    public boolean raises() {
      return true;
    }

    @Override
    public @Nullable String raised(String[] declared) {
      if (exception != null) {
        return exception;
      }
      return declared.length == 0 ? null : declared[0].replace('/', '.');
    }

    @Override
    public String message() {
      return message;
    }
  }

  private static final class Return extends Action {
    private final String value;

    Return(String value) {
      this.value = value;
    }

    @Override
    public boolean skips() {
      return true;
    }

    @Override
    public String returns() {
      return value;
    }
  }
}
