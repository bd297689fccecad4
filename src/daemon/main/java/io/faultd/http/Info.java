package io.faultd.http;

import java.util.Map;

/**
 * What this node is and can do.
 *
 * @param node its name
 * @param bootId of the kernel's present run
 * @param instance of the data folder
 * @param version of the daemon
 * @param kernel its release
 * @param capabilities what specs may need, by name; empty text: it is there, else what is missing
 */
public record Info(
    String node,
    String bootId,
    String instance,
    String version,
    String kernel,
    Map<String, String> capabilities) {}
