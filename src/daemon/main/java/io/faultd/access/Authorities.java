package io.faultd.access;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Whose signature makes a client's certificate a good one, at one time: others are others, so that
 * nothing is remembered of those of before. Thread-safe.
 */
public final class Authorities {
  /** Who connects has its chain checked anyway; this is for who stays. */
  private static final int REMEMBERED = 1_024;

  private final @Nullable X509TrustManager trust;

  /** Until when a chain is good: to verify signatures takes longer than most requests. */
  private final Map<List<X509Certificate>, Instant> good =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<List<X509Certificate>, Instant> eldest) {
          return size() > REMEMBERED;
        }
      };

  /**
   * These.
   *
   * @param certificates their own; none: no certificate of a client is good
   * @throws GeneralSecurityException if Java cannot verify signatures of such
   */
  public Authorities(List<X509Certificate> certificates)
      throws GeneralSecurityException, IOException {
    this.trust = certificates.isEmpty() ? null : trust(certificates);
  }

  private static X509TrustManager trust(List<X509Certificate> certificates)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    for (X509Certificate each : certificates) {
      store.setCertificateEntry("authority-" + store.size(), each);
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(store);
    for (TrustManager each : factory.getTrustManagers()) {
      if (each instanceof X509TrustManager found) {
        return found;
      }
    }
    throw new CertificateException("Java has no trust manager for certificates");
  }

  /**
   * What is wrong with what a client has shown, now; nothing if all is well.
   *
   * @param chain its certificate, then those up to an authority
   */
  public Optional<String> flaw(List<X509Certificate> chain) {
    if (trust == null || chain.isEmpty()) {
      return Optional.of("no certificate of a client is trusted");
    }
    Instant now = Instant.now();
    Instant ends = chain.getFirst().getNotAfter().toInstant();
    if (now.isAfter(ends)) {
      return Optional.of("the certificate was valid until " + ends);
    }
    if (known(chain, now)) {
      return Optional.empty();
    }
    try {
      // what it signs with was seen at the handshake
      trust.checkClientTrusted(chain.toArray(new X509Certificate[0]), "UNKNOWN");
    } catch (CertificateException e) {
      return Optional.of(
          "server.tls.client-ca does not vouch for the certificate: " + e.getMessage());
    }
    remember(chain);
    return Optional.empty();
  }

  private synchronized boolean known(List<X509Certificate> chain, Instant now) {
    Instant until = good.get(chain);
    return until != null && !now.isAfter(until);
  }

  private synchronized void remember(List<X509Certificate> chain) {
    chain.stream()
        .map(each -> each.getNotAfter().toInstant())
        .min(Comparator.naturalOrder())
        .ifPresent(until -> good.put(chain, until));
  }
}
