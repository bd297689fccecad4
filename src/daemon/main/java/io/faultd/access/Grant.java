package io.faultd.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What somebody may do who shows a token or a certificate.
 *
 * @param name for records of who did what
 * @param digest SHA-256 of the token; absent: it goes by certificate
 * @param certificate common name of the client's certificate; absent: it goes by token
 * @param role what it may do
 * @param scopes where it may break things; empty: everywhere
 * @param targets what it may break; empty: everything
 */
public record Grant(
    String name,
    byte @Nullable [] digest,
    @Nullable String certificate,
    Role role,
    Set<String> scopes,
    Set<String> targets) {

  /** Everything, for whoever has a token. */
  public static Grant all(String name, String token) {
    return new Grant(name, digest(token), null, Role.ADMIN, Set.of(), Set.of());
  }

  /** SHA-256 of a token, which is all that is kept of it. */
  public static byte[] digest(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The names of two with the same token or certificate, of which only one could count. */
  public static Optional<String> alike(List<Grant> grants) {
    Map<String, Grant> known = new HashMap<>();
    for (Grant grant : grants) {
      String shown =
          grant.digest == null
              ? "certificate " + grant.certificate
              : HexFormat.of().formatHex(grant.digest);
      Grant other = known.putIfAbsent(shown, grant);
      if (other != null) {
        return Optional.of(other.name + " and " + grant.name);
      }
    }
    return Optional.empty();
  }

  /** Whether that is its token; takes a time that does not depend on where they differ. */
  boolean opens(byte[] presented) {
    return digest != null && MessageDigest.isEqual(digest, presented);
  }

  Caller caller(String from) {
    return new Caller(name, role, from, scopes, targets);
  }
}
