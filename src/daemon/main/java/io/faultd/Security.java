package io.faultd;

import io.faultd.access.Access;
import io.faultd.access.Authorities;
import io.faultd.access.Grant;
import io.helidon.common.tls.Tls;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the files of the security settings say now: they may change while the daemon runs. */
final class Security implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Security.class.getName());

  private final Settings settings;
  private final List<Path> tokensFile;
  private final List<Path> tlsFiles;
  private final String tokensSeen;
  private final String tlsSeen;
  private final List<Reloading> followed = new ArrayList<>();
  private final @Nullable Tls tls;
  private volatile List<Grant> grants;
  private volatile @Nullable Authorities authorities;
  private volatile Set<String> targets = Set.of();

  /**
   * Reads the files.
   *
   * @throws StartException if one is wrong; says which
   */
  Security(Settings settings) {
    this.settings = settings;
    Path tokens = settings.security().tokens();
    this.tokensFile = tokens == null ? List.of() : List.of(tokens);
    Settings.Tls files = settings.tls();
    this.tlsFiles = files == null ? List.of() : TlsFiles.all(files).toList();
    // before they are read: one that changes while the daemon recovers is read anew
    this.tokensSeen = Reloading.look(tokensFile);
    this.tlsSeen = Reloading.look(tlsFiles);
    this.grants = readGrants();
    this.tls = settings.tls() == null ? null : TlsFiles.read(settings.tls());
    this.authorities = tls == null ? null : TlsFiles.authorities(tls);
  }

  /** Says which of the tokens file's targets are none, now and when it is read anew. */
  void targets(Set<String> known) {
    targets = known;
    warn(grants);
  }

  private void warn(List<Grant> all) {
    if (!targets.isEmpty()) {
      TokensFile.unknown(all, targets)
          .forEach(each -> LOG.log(System.Logger.Level.WARNING, "security.tokens-file: {0}", each));
    }
  }

  private void readAgain() {
    grants = readGrants();
    warn(grants);
  }

  private List<Grant> readGrants() {
    List<Grant> all = new ArrayList<>();
    String token = settings.security().token();
    if (token != null) {
      all.add(Grant.all("token", token));
    }
    Path tokens = settings.security().tokens();
    if (tokens != null) {
      all.addAll(TokensFile.read(tokens));
    }
    Grant.alike(all)
        .ifPresent(two -> {
          throw new StartException(
              "security.tokens-file: %s have the same token or certificate; only one could count"
                  .formatted(two));
        });
    return List.copyOf(all);
  }

  /** Who may do what. */
  List<Grant> grants() {
    return grants;
  }

  /**
   * What certificates say. Whether each of the clients' authority may do everything does not change
   * with a file, such as by one that takes the last certificate out of the tokens file.
   */
  Access.Certified certified() {
    Settings.Tls files = settings.tls();
    boolean all =
        files != null && files.clientAuthority() != null && settings.security().tokens() == null;
    return new Access.Certified(all, this::flaw);
  }

  private Optional<String> flaw(List<X509Certificate> chain) {
    Authorities present = authorities;
    return present == null ? Access.Certified.NONE.flaw().apply(chain) : present.flaw(chain);
  }

  /** What both ports are encrypted with. */
  Optional<Tls> tls() {
    return Optional.ofNullable(tls);
  }

  /** Follows changes of the files since they were read. */
  void follow(Consumer<Tls> changed) {
    if (!tokensFile.isEmpty()) {
      followed.add(new Reloading(tokensFile, tokensSeen, this::readAgain));
    }
    Settings.Tls files = settings.tls();
    if (files != null) {
      followed.add(new Reloading(tlsFiles, tlsSeen, () -> readAgain(files, changed)));
    }
  }

  private void readAgain(Settings.Tls files, Consumer<Tls> changed) {
    Tls now = TlsFiles.read(files);
    Authorities next = TlsFiles.authorities(now);
    changed.accept(now);
    authorities = next; // after it: who comes in by the old one is looked at by the new one
  }

  @Override
  public void close() {
    followed.forEach(Reloading::close);
  }
}
