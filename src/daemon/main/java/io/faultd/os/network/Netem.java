package io.faultd.os.network;

import io.faultd.fault.FaultException;
import io.faultd.fault.Injection;
import io.faultd.linux.tc.Band;
import io.faultd.linux.tc.Lacks;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Delays and loses packets that go out by the kernel's own means (sch_netem), where it has them.
 */
final class Netem {
  /** What the flag engine calls it. */
  static final String NAME = "netem";

  /** By more the time cannot vary. */
  static final Duration WIDEST = Duration.ofMillis(Band.MOST_JITTER / 1_000_000);

  private Netem() {}

  /**
   * Whether it is to be used: it is asked for, or it can and nothing else is asked for.
   *
   * @param engine the flag
   * @throws FaultException if it is asked for and cannot
   */
  static boolean chosen(@Nullable String engine, Traffic traffic) {
    boolean out = traffic.direction() == Direction.OUT;
    Optional<String> lack = Lacks.impairing();
    if (!NAME.equals(engine)) {
      return engine == null && out && lack.isEmpty();
    }
    if (!out) {
      throw FaultException.illegal(
          "engine", "netem sees only packets that go out; leave out engine, or direction");
    }
    if (lack.isPresent()) {
      throw FaultException.unsupported("engine", lack.get());
    }
    return true;
  }

  /** The flag that is to blame if what does it instead cannot. */
  static String blamed(@Nullable String engine, Traffic traffic) {
    return engine == null && traffic.direction() != Direction.OUT ? "direction" : "engine";
  }

  /**
   * Holds packets.
   *
   * @param jitter at most {@link #WIDEST}
   */
  static void delay(Traffic traffic, Duration time, Duration jitter, Injection on)
      throws IOException {
    on.engine(NAME);
    Bands.inject(
        traffic,
        (slot, predicate) -> new Band(slot, predicate, 0, 0, time.toNanos(), jitter.toNanos(), 0),
        new Bands.Asked(time.toNanos() / 1e6, "ms"),
        on);
  }

  /**
   * Loses packets.
   *
   * @param percent how many, above 0 to 100
   */
  static void lose(Traffic traffic, double percent, Injection on) throws IOException {
    on.engine(NAME);
    Bands.inject(
        traffic,
        (slot, predicate) -> new Band(slot, predicate, 0, 0, 0, 0, percent / 100),
        new Bands.Asked(percent, "%"),
        on);
  }
}
