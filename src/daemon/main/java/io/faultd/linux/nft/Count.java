package io.faultd.linux.nft;

/**
 * What a rule has counted.
 *
 * @param chain the rule's chain
 * @param packets that came to its counter
 * @param bytes of them, without what is below IP
 */
public record Count(String chain, long packets, long bytes) {}
