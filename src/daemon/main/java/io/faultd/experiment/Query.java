package io.faultd.experiment;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which records; absent parts do not filter.
 *
 * @param uid exactly
 * @param target canonical
 * @param action canonical
 * @param flag a part of the flag text
 * @param status where in its life
 * @param labels all of these
 * @param offset how many to leave out
 * @param limit how many at the most
 * @param ascending oldest first; else newest first
 */
public record Query(
    @Nullable String uid,
    @Nullable String target,
    @Nullable String action,
    @Nullable String flag,
    @Nullable Status status,
    Map<String, String> labels,
    int offset,
    int limit,
    boolean ascending) {}
