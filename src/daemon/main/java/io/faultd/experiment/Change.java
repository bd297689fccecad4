package io.faultd.experiment;

/**
 * One change of one experiment.
 *
 * @param seq durable number, ever growing
 * @param experiment as it was right after
 */
public record Change(long seq, Experiment experiment) {}
