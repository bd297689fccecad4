package io.faultd.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** An authority of the test's own, and what it signs; made by the JDK's keytool. */
public final class Certificates {
  private static final char[] PASSWORD = "changeit".toCharArray();

  private final Path folder;
  private final Path store;

  /** Makes the authority. */
  public Certificates(Path folder) throws IOException, InterruptedException {
    this.folder = Files.createDirectories(folder);
    this.store = folder.resolve("all.p12");
    keytool("-genkeypair", "-alias", "ca", "-dname", "CN=ca", "-ext", "bc:c", "-validity", "10");
  }

  private void keytool(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    command.addAll(List.of("-keystore", store.toString(), "-storetype", "PKCS12"));
    command.addAll(List.of("-storepass", new String(PASSWORD), "-keyalg", "EC"));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("keytool.log").toFile())
            .start();
    assertEquals(0, process.waitFor(), () -> log(folder.resolve("keytool.log")));
  }

  private static String log(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /**
   * Signs a certificate for a name.
   *
   * @param more further options of keytool's -genkeypair
   */
  public void sign(String name, String... more) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("-genkeypair", "-alias", name));
    arguments.addAll(List.of("-dname", "CN=" + name, "-signer", "ca"));
    arguments.addAll(List.of("-ext", "san=dns:localhost,ip:127.0.0.1"));
    arguments.addAll(List.of(more));
    keytool(arguments.toArray(new String[0]));
  }

  private KeyStore all() throws IOException, GeneralSecurityException {
    KeyStore all = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      all.load(in, PASSWORD);
    }
    return all;
  }

  /** The certificate of a name. */
  public X509Certificate x509(String name) throws IOException, GeneralSecurityException {
    return (X509Certificate) all().getCertificate(name);
  }

  /** The certificate of a name as a PEM file, which is replaced in one step. */
  public Path certificate(String name, Path file) throws IOException, GeneralSecurityException {
    return pem(file, "CERTIFICATE", all().getCertificate(name).getEncoded());
  }

  /** The key of a name as a PEM file, which is replaced in one step. */
  public Path key(String name, Path file) throws IOException, GeneralSecurityException {
    return pem(file, "PRIVATE KEY", all().getKey(name, PASSWORD).getEncoded());
  }

  private static Path pem(Path file, String type, byte[] bytes) throws IOException {
    String text =
        "-----BEGIN %s-----\n%s\n-----END %s-----\n"
            .formatted(type, Base64.getMimeEncoder().encodeToString(bytes), type);
    Path part = Files.writeString(file.resolveSibling(file.getFileName() + ".part"), text);
    return Files.move(
        part,
        file,
        java.nio.file.StandardCopyOption.ATOMIC_MOVE,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  /**
   * What a client works with that trusts the authority.
   *
   * @param names whose key and certificate it shows; none: it shows nothing
   */
  public SSLContext client(String... names) throws IOException, GeneralSecurityException {
    return client(this, names);
  }

  /** The same with keys and certificates of another authority. */
  public SSLContext client(Certificates others, String... names)
      throws IOException, GeneralSecurityException {
    KeyStore all = all();
    KeyStore shown = others.all();
    KeyStore trusted = empty();
    trusted.setCertificateEntry("ca", all.getCertificate("ca"));
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(trusted);
    KeyStore own = empty();
    for (String name : names) {
      Certificate[] chain = shown.getCertificateChain(name);
      own.setKeyEntry(name, shown.getKey(name, PASSWORD), PASSWORD, chain);
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(own, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  private static KeyStore empty() throws IOException, GeneralSecurityException {
    KeyStore empty = KeyStore.getInstance("PKCS12");
    empty.load(null, null);
    return empty;
  }
}
