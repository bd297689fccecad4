package io.faultd.fault;

/** Something that breaks as long as it is held and ends with this process: a worker, a socket. */
public interface Hold extends AutoCloseable {
  /** How it does now; asked about once a second, must return within milliseconds. */
  Effect effect();

  /** Lets go: when this returns nothing is left. Never throws, may be called again. */
  @Override
  void close();
}
