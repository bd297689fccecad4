package io.faultd.http;

import io.faultd.dispatch.ActionView;
import io.faultd.experiment.Experiments;
import java.util.List;
import java.util.function.Supplier;

/**
 * What the routes speak to, once it is there.
 *
 * @param experiments the experiments of this node
 * @param actions what it can do
 * @param info what it is
 */
public record Backend(
    Experiments experiments, Supplier<List<ActionView>> actions, Supplier<Info> info) {}
