package io.faultd.experiment;

/**
 * The answer to a destroy.
 *
 * @param experiment as it is now
 * @param finished whether it has ended; else it goes on behind the answer
 */
public record Destroyed(Experiment experiment, boolean finished) {}
