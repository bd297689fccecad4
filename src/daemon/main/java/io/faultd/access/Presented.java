package io.faultd.access;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.Principal;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
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
 * @param ends when that certificate is over: TLS looks only once, and a connection lasts
 */
public record Presented(
    @Nullable SocketAddress client,
    @Nullable SocketAddress server,
    @Nullable String authorization,
    @Nullable Principal certificate,
    @Nullable Instant ends) {

  /** When the certificate of a client is over, the first of those that it has shown. */
  public static @Nullable Instant end(Certificate[] shown) {
    return shown.length > 0 && shown[0] instanceof X509Certificate first
        ? first.getNotAfter().toInstant()
        : null;
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
