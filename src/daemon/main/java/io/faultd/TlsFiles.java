package io.faultd;

import io.faultd.access.Authorities;
import io.helidon.common.configurable.Resource;
import io.helidon.common.pki.Keys;
import io.helidon.common.tls.Tls;
import io.helidon.common.tls.TlsClientAuth;
import io.helidon.common.tls.TlsConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;

/** Certificates and keys of both ports, as PEM files. */
final class TlsFiles {
  /** A handshake costs us more than whoever asks for it, and TLS 1.3 has no second one. */
  private static final String ONE_HANDSHAKE = "jdk.tls.rejectClientInitiatedRenegotiation";

  private TlsFiles() {}

  /**
   * Reads them.
   *
   * @throws StartException naming the file that is wrong
   */
  static Tls read(Settings.Tls settings) {
    System.setProperty(ONE_HANDSHAKE, "true"); // before the JDK reads it, at its first TLS
    SecretFile.trusted(Setting.TLS_CERTIFICATE, settings.certificate());
    SecretFile.check(Setting.TLS_KEY, settings.key());
    Path authority = settings.clientAuthority();
    if (authority != null) {
      SecretFile.trusted(Setting.TLS_CLIENT_CA, authority);
    }
    try {
      Keys own =
          Keys.builder()
              .pem(pem ->
                  pem.key(Resource.create(settings.key()))
                      .certChain(Resource.create(settings.certificate())))
              .build();
      PrivateKey key = own.privateKey().orElseThrow();
      List<X509Certificate> chain = own.certChain().isEmpty() ? own.certs() : own.certChain();
      if (!together(key, chain.getFirst().getPublicKey())) {
        throw new StartException("server.tls.key is not the key of server.tls.certificate");
      }
      TlsConfig.Builder tls =
          Tls.builder()
              .privateKey(key)
              .privateKeyCertChain(chain)
              // what Java itself no longer offers stays out; 1.2 is for clients that have no 1.3
              .enabledProtocols(List.of("TLSv1.3", "TLSv1.2"));
      if (authority != null) {
        tls.trust(
                Keys.builder()
                    .pem(pem -> pem.certificates(Resource.create(authority)))
                    .build()
                    .certs())
            .clientAuth(settings.clientsMay() ? TlsClientAuth.OPTIONAL : TlsClientAuth.REQUIRED);
      }
      return tls.build();
    } catch (StartException e) {
      throw e;
    } catch (RuntimeException | GeneralSecurityException e) {
      throw new StartException(
          "server.tls: %s and %s are no certificate and key that go together: %s"
              .formatted(settings.certificate(), settings.key(), e.getMessage()),
          e);
    }
  }

  /** Who signs certificates of clients, of what was read; none: clients show none. */
  static Authorities authorities(Tls tls) {
    try {
      return new Authorities(tls.prototype().trust());
    } catch (GeneralSecurityException | IOException e) {
      throw new StartException("server.tls.client-ca: " + e.getMessage(), e);
    }
  }

  /** Signs with one and verifies with the other: Java would take any two, and fail each client. */
  private static boolean together(PrivateKey key, PublicKey certified)
      throws GeneralSecurityException {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> key.getAlgorithm();
        };
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(key);
    signature.update(algorithm.getBytes(StandardCharsets.UTF_8));
    byte[] signed = signature.sign();
    if (!certified.getAlgorithm().equals(key.getAlgorithm())) {
      return false;
    }
    signature.initVerify(certified);
    signature.update(algorithm.getBytes(StandardCharsets.UTF_8));
    return signature.verify(signed);
  }

  /** The files whose change matters. */
  static Stream<Path> all(Settings.Tls settings) {
    Path authority = settings.clientAuthority();
    return Stream.concat(
        Stream.of(settings.certificate(), settings.key()),
        authority == null ? Stream.empty() : Stream.of(authority));
  }
}
