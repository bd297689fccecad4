package io.faultd.experiment;

/**
 * An instant that no step of the wall clock moves while the node stays up.
 *
 * @param bootId the boot that {@code boottime} counts in
 * @param boottime nanoseconds of CLOCK_BOOTTIME
 */
public record Deadline(String bootId, long boottime) {}
