package io.faultd.access;

import java.util.Set;

/**
 * Somebody who was let in.
 *
 * @param name of the token, of the certificate, or root
 * @param role what it may do
 * @param from its address, or its process
 * @param scopes where it may break things; empty: everywhere
 * @param targets what it may break; empty: everything
 */
public record Caller(
    String name, Role role, String from, Set<String> scopes, Set<String> targets) {}
