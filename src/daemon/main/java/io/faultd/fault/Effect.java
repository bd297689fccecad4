package io.faultd.fault;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a fault does, as read from the victim or the kernel.
 *
 * @param state how it does
 * @param asked what was asked for, in {@code unit}
 * @param achieved what is seen, in {@code unit}
 * @param unit %, MB, ms, ...
 * @param hits how often it struck: calls, packets
 * @param bytes of the packets that it struck
 * @param since when {@code state} began
 * @param detail why, where the state alone does not say
 */
public record Effect(
    State state,
    @Nullable Double asked,
    @Nullable Double achieved,
    @Nullable String unit,
    @Nullable Long hits,
    @Nullable Long bytes,
    Instant since,
    @Nullable String detail) {

  /** What is no number, as a share of nothing, is no figure. */
  public Effect {
    asked = figure(asked);
    achieved = figure(achieved);
  }

  private static @Nullable Double figure(@Nullable Double number) {
    return number == null || Double.isFinite(number) ? number : null;
  }

  /** One that has nothing to do with bytes. */
  public Effect(
      State state,
      @Nullable Double asked,
      @Nullable Double achieved,
      @Nullable String unit,
      @Nullable Long hits,
      Instant since,
      @Nullable String detail) {
    this(state, asked, achieved, unit, hits, null, since, detail);
  }

  /** How a fault does. */
  public enum State {
    /** On its way to what was asked. */
    RAMPING,
    /** As asked. */
    SETTLED,
    /** Less than was asked: a busy node, a limit, some of many targets gone. */
    DEGRADED,
    /** No more. */
    GONE
  }

  /** A state without figures. */
  public static Effect of(State state, Instant since) {
    return new Effect(state, null, null, null, null, since, null);
  }
}
