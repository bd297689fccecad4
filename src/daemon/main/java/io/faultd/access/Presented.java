package io.faultd.access;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Principal;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
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
  private static final int PRINT = 32;

  /** Certificates as TLS gives them. */
  public static List<X509Certificate> chain(Certificate[] shown) {
    return Arrays.stream(shown)
        .filter(X509Certificate.class::isInstance)
        .map(X509Certificate.class::cast)
        .toList();
  }

  /** Its address, or its process, for records of who did what. */
  String from() {
    return switch (client) {
      case InetSocketAddress address ->
          address.getAddress().getHostAddress() + ":" + address.getPort();
      case LocalPeer local -> local.toString();
      case null, default -> "";
    };
  }

  /** Who its certificate names: the common name, else another one (RFC 5280 4.2.1.6), else it. */
  String name() {
    return commonName().filter(name -> !name.isBlank()).or(this::otherName).orElseGet(this::print);
  }

  private Optional<String> otherName() {
    try {
      Collection<List<?>> names =
          chain.isEmpty() ? null : chain.getFirst().getSubjectAlternativeNames();
      if (names == null) {
        return Optional.empty();
      }
      return names.stream()
          .map(name -> name.get(1)) // behind its kind
          .filter(String.class::isInstance)
          .map(String.class::cast)
          .findFirst();
    } catch (CertificateParsingException e) {
      return Optional.empty();
    }
  }

  /** The beginning of its SHA-256, as people tell certificates apart that have no name. */
  private String print() {
    try {
      return chain.isEmpty()
          ? "certificate"
          : "sha256:"
              + HexFormat.of()
                  .formatHex(
                      MessageDigest.getInstance("SHA-256").digest(chain.getFirst().getEncoded()))
                  .substring(0, PRINT);
    } catch (CertificateEncodingException | NoSuchAlgorithmException e) {
      throw new IllegalStateException("TLS has read it, and every Java platform has SHA-256", e);
    }
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
