package io.faultd.preparation;

import org.jspecify.annotations.Nullable;

/**
 * Which records are wanted; what is absent does not filter.
 *
 * @param type jvm
 * @param status in this state
 * @param offset so many are passed over
 * @param limit how many at the most
 * @param ascending oldest first
 */
public record PreparationQuery(
    @Nullable String type,
    @Nullable PreparationStatus status,
    int offset,
    int limit,
    boolean ascending) {}
