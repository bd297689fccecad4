package io.faultd.spec;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The flags that every action takes.
 *
 * @param timeout after which the experiment ends by itself; absent: never
 * @param async whether the answer comes before the fault is in place
 * @param allowProtected protected things that this experiment may touch
 * @param warnings about flags that no longer mean anything
 */
public record CommonFlags(
    @Nullable Duration timeout,
    boolean async,
    List<String> allowProtected,
    List<String> warnings) {}
