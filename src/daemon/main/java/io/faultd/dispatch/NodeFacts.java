package io.faultd.dispatch;

import java.util.Map;

/**
 * What this node and this daemon are, and what the node can do.
 *
 * @param node its name
 * @param bootId of its present boot
 * @param instance of the data folder
 * @param version of the daemon
 * @param kernel its release
 * @param capabilities what specs may need, by name; empty text: it is there, else what is missing
 */
public record NodeFacts(
    String node,
    String bootId,
    String instance,
    String version,
    String kernel,
    Map<String, String> capabilities) {}
