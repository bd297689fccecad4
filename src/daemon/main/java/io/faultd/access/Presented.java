package io.faultd.access;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.Principal;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import org.jspecify.annotations.Nullable;

/**
 * What a request shows of who sent it.
 *
 * @param client the other end of its connection
 * @param server our end
 * @param authorization the header (HTTP) or metadata entry (gRPC) of that name
 * @param certificate the subject of a client's certificate that TLS has verified
 * @param chain that certificate and those that led to its authority: TLS looks only once, and a
 *     connection lasts; empty: none was shown
 */
public record Presented(
    @Nullable SocketAddress client,
    @Nullable SocketAddress server,
    @Nullable String authorization,
    @Nullable Principal certificate,
    List<X509Certificate> chain) {

  /** Certificates as TLS gives them. */
  public static List<X509Certificate> chain(Certificate[] shown) {
    return Arrays.stream(shown)
        .filter(X509Certificate.class::isInstance)
        .map(X509Certificate.class::cast)
        .toList();
  }

  /** Its address, for records of who did what. */
  String from() {
    return client instanceof InetSocketAddress address
        ? address.getAddress().getHostAddress() + ":" + address.getPort()
        : "";
  }

  /** The common name of its certificate, RFC 4514. */
  Optional<String> commonName() {
    if (certificate == null) {
      return Optional.empty();
    }
    try {
      return new LdapName(certificate.getName())
          .getRdns().stream()
              .filter(part -> part.getType().equalsIgnoreCase("CN"))
              .map(part -> part.getValue().toString())
              .reduce((first, last) -> last);
    } catch (InvalidNameException e) {
      return Optional.empty();
    }
  }
}
