package io.faultd.experiment;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An instant that no step of the wall clock moves while the node stays up.
 *
 * @param bootId the boot that {@code boottime} counts in
 * @param boottime nanoseconds of CLOCK_BOOTTIME
 */
public record Deadline(String bootId, long boottime) {
  /** The instant after a while from now; a while that is too long to count never ends. */
  static Deadline in(Duration left, Time time) {
    long now = time.boottime();
    long most = Long.MAX_VALUE - now;
    long nanos = left.compareTo(Duration.ofNanos(most)) < 0 ? left.toNanos() : most;
    return new Deadline(time.bootId(), now + nanos);
  }

  /**
   * The same instant in this boot; only a reboot between makes the wall clock tell what is left.
   *
   * @param whole more than which is never left; absent: not known
   */
  static @Nullable Deadline now(
      @Nullable Deadline then, @Nullable Instant expires, @Nullable Duration whole, Time time) {
    if (then == null || expires == null || then.bootId().equals(time.bootId())) {
      return then;
    }
    Duration left = Duration.between(time.now(), expires);
    // a node without a clock of its own boots in 1970, until somebody tells it the time
    return in(whole != null && left.compareTo(whole) > 0 ? whole : left, time);
  }

  /** Whether it has come. */
  boolean passed(Time time) {
    return bootId.equals(time.bootId()) && time.boottime() >= boottime;
  }
}
