package io.faultd.experiment;

import java.time.Duration;

/**
 * What the operator has set.
 *
 * @param experiments how many may be in place at once
 * @param inject how long an injection may take
 * @param resume whether what was in place at the end of the daemon is injected anew at its start
 * @param retention how long ended records are kept
 */
public record Rules(int experiments, Duration inject, boolean resume, Duration retention) {}
