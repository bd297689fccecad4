package io.faultd.experiment;

import io.faultd.fault.Aim;
import java.util.List;

/**
 * What an order would touch; the answer to a dry run.
 *
 * @param targets by name
 * @param steps what would be announced, as its undo
 * @param conflicts uids of experiments in the way
 * @param undo exact or none
 */
public record Plan(List<Aim> targets, List<String> steps, List<String> conflicts, String undo) {}
