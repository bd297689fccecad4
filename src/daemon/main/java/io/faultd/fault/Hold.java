package io.faultd.fault;

import java.util.Optional;

/** Something that breaks as long as it is held and ends with this process: a worker, a socket. */
public interface Hold extends AutoCloseable {
  /** How it does now; asked about once a second, must return within milliseconds. */
  Effect effect();

  /**
   * Lets go: when this returns nothing is left, unless {@link #left} says so. Never throws, may be
   * called again.
   */
  @Override
  void close();

  /**
   * Why something may be left after the last {@link #close}, which is then called again and again;
   * empty: nothing is.
   */
  default Optional<String> left() {
    return Optional.empty();
  }
}
