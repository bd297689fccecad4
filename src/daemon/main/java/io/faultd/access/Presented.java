package io.faultd.access;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.Principal;
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
 */
public record Presented(
    @Nullable SocketAddress client,
    @Nullable SocketAddress server,
    @Nullable String authorization,
    @Nullable Principal certificate) {

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
