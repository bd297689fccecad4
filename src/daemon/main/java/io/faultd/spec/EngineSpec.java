package io.faultd.spec;

import java.util.List;

/**
 * One of the ways by which the work of an action can be done.
 *
 * @param name as in records and in the flag {@code engine}
 * @param needs capabilities of the node without which it cannot be this one
 */
public record EngineSpec(String name, List<String> needs) {}
