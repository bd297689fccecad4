package io.faultd.crash;

import io.faultd.linux.Boot;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A kind of trial.
 *
 * @param name for the table
 * @param accident at the instant
 * @param meanwhile while nobody lives
 * @param boot the boot in which the daemon is started again
 * @param deadline when the experiments end by themselves
 * @param options what else there is
 */
record Kind(
    String name,
    Accident accident,
    Scenario.Act meanwhile,
    String boot,
    Deadline deadline,
    Options options) {

  /** What is done at an instant, beside what is done to the world. */
  @FunctionalInterface
  interface Accident {
    void on(World world, Stand stand) throws IOException;
  }

  /** What deadlines there are. */
  enum Deadline {
    /** None. */
    NONE,
    /** One far away, that time may come to. */
    FAR,
    /** One that comes when all are in place; nobody destroys them. */
    REACHED,
    /** One that comes while nobody lives; and who lives then would inject anew. */
    REACHED_BY_NOBODY
  }

  /**
   * What is otherwise false.
   *
   * @param reversed whether the experiments are undone last one first
   * @param recovery whether the instant is one of the recovery
   * @param changing whether somebody changes what must be as before otherwise
   */
  record Options(boolean reversed, boolean recovery, boolean changing) {}

  /** Something happens in the course of a life. */
  static Kind accident(String name, Accident accident) {
    try {
      return new Kind(
          name, accident, world -> {}, Boot.id(), Deadline.NONE, new Options(false, false, false));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The daemon dies. */
  static Kind death(String name) {
    return accident(name, (world, stand) -> Cuts.die());
  }

  Kind meanwhile(Scenario.Act act) {
    return new Kind(name, accident, act, boot, deadline, options);
  }

  Kind then(String otherBoot) {
    return new Kind(name, accident, meanwhile, otherBoot, deadline, options);
  }

  Kind deadline(Deadline when) {
    return new Kind(name, accident, meanwhile, boot, when, options);
  }

  Kind inReverse() {
    return with(new Options(true, options.recovery(), options.changing()));
  }

  Kind inRecovery() {
    return with(new Options(options.reversed(), true, options.changing()));
  }

  Kind changing() {
    return with(new Options(options.reversed(), options.recovery(), true));
  }

  private Kind with(Options others) {
    return new Kind(name, accident, meanwhile, boot, deadline, others);
  }

  /** Which of the instants are tried: each so many-th. */
  int stride() {
    if (name.equals("death")) {
      return 1;
    }
    return Math.min(Trials.STRIDE, name.startsWith("death") ? Trials.STRIDE_OF_DEATHS : 9);
  }

  boolean reversed() {
    return options.reversed();
  }

  boolean recovery() {
    return options.recovery();
  }

  boolean exact() {
    return !options.changing();
  }
}
