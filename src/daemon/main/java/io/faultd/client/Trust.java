package io.faultd.client;

import io.helidon.common.configurable.Resource;
import io.helidon.common.pki.Keys;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Whom this side of a connection believes, and what it shows of itself; from files in PEM. */
final class Trust {
  private static final char[] NO_PASSWORD = new char[0];

  private Trust() {}

  /**
   * Connections to servers whose certificates these have signed.
   *
   * @param authorities absent: those that Java knows
   * @param certificate shown to who asks for one, with what leads to its authority; absent: none
   * @param key of the certificate
   * @throws ClientException if one has not what it should
   */
  static SSLSocketFactory of(
      @Nullable Path authorities, @Nullable Path certificate, @Nullable Path key) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          certificate == null || key == null ? null : shown(certificate, key),
          authorities == null ? null : believed(authorities),
          null);
      return context.getSocketFactory();
    } catch (GeneralSecurityException e) {
      throw new ClientException(Outcome.REFUSED, "no TLS: " + e.getMessage());
    }
  }

  private static TrustManager[] believed(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      KeyStore store = empty();
      int number = 0;
      for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry(Integer.toString(number++), each);
      }
      if (number == 0) {
        throw new IOException("there is no certificate in it");
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return factory.getTrustManagers();
    } catch (IOException | GeneralSecurityException e) {
      throw new ClientException(
          Outcome.REFUSED, "--ca-file: cannot read " + file + ": " + e.getMessage());
    }
  }

  private static KeyManager[] shown(Path certificate, Path key) {
    try {
      Keys own =
          Keys.builder()
              .pem(pem -> pem.key(Resource.create(key)).certChain(Resource.create(certificate)))
              .build();
      List<X509Certificate> chain = own.certChain().isEmpty() ? own.certs() : own.certChain();
      KeyStore store = empty();
      store.setKeyEntry(
          "own", own.privateKey().orElseThrow(), NO_PASSWORD, chain.toArray(Certificate[]::new));
      KeyManagerFactory factory =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(store, NO_PASSWORD);
      return factory.getKeyManagers();
    } catch (RuntimeException | IOException | GeneralSecurityException e) {
      throw new ClientException(
          Outcome.REFUSED,
          "--cert-file, --key-file: %s and %s are no certificate and key: %s"
              .formatted(certificate, key, e.getMessage()));
    }
  }

  private static KeyStore empty() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    return store;
  }
}
