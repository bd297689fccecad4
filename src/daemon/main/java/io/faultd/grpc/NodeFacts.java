package io.faultd.grpc;

import java.util.Map;

/**
 * This node and this daemon.
 *
 * @param node its name
 * @param bootId of its present boot
 * @param instance of the data folder
 * @param version of the daemon
 * @param kernel its release
 * @param capabilities by name; empty text: it is there, else what is missing
 */
public record NodeFacts(
    String node,
    String bootId,
    String instance,
    String version,
    String kernel,
    Map<String, String> capabilities) {}
