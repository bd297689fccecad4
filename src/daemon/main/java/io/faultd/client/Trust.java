package io.faultd.client;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/** Authorities in a file instead of those that Java knows. */
final class Trust {
  private Trust() {}

  /**
   * Connections to servers whose certificates these have signed.
   *
   * @param file PEM
   * @throws ClientException if it has no certificates
   */
  static SSLSocketFactory of(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int number = 0;
      for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry(Integer.toString(number++), each);
      }
      if (number == 0) {
        throw new IOException("there is no certificate in it");
      }
      TrustManagerFactory authorities =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      authorities.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, authorities.getTrustManagers(), null);
      return context.getSocketFactory();
    } catch (IOException | GeneralSecurityException e) {
      throw new ClientException(
          Outcome.REFUSED, "--ca-file: cannot read " + file + ": " + e.getMessage());
    }
  }
}
