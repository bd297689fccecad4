package io.faultd.http;

import io.faultd.dispatch.ActionView;
import io.faultd.dispatch.Inventory;
import io.faultd.dispatch.NodeFacts;
import io.faultd.experiment.Audit;
import io.faultd.experiment.Experiments;
import io.faultd.preparation.Preparations;
import io.faultd.spec.Specs;
import java.util.List;
import java.util.function.Supplier;

/**
 * What the routes speak to, once it is there.
 *
 * @param experiments the experiments of this node
 * @param preparations its preparations
 * @param actions what it can do
 * @param inventory what of it can be aimed at
 * @param info what it is
 * @param audit who did what
 * @param added actions of its own specs
 */
public record Backend(
    Experiments experiments,
    Preparations preparations,
    Supplier<List<ActionView>> actions,
    Inventory inventory,
    Supplier<NodeFacts> info,
    Audit audit,
    Specs.Added added) {}
