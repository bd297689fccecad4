package io.faultd.experiment;

import java.time.Instant;

/**
 * A step that could not be undone yet.
 *
 * @param step what it would put back
 * @param since when it failed first
 * @param tries how often it failed
 * @param error why, the last time
 */
public record Residue(String step, Instant since, int tries, String error) {}
