package io.faultd;

import io.faultd.access.Grant;
import io.helidon.common.tls.Tls;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the files of the security settings say now: they may change while the daemon runs. */
final class Security implements AutoCloseable {
  private final Settings settings;
  private final List<Reloading> followed = new ArrayList<>();
  private final @Nullable Tls tls;
  private volatile List<Grant> grants;

  /**
   * Reads the files.
   *
   * @throws StartException if one is wrong; says which
   */
  Security(Settings settings) {
    this.settings = settings;
    this.grants = readGrants();
    this.tls = settings.tls() == null ? null : TlsFiles.read(settings.tls());
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
    return List.copyOf(all);
  }

  /** Who may do what. */
  List<Grant> grants() {
    return grants;
  }

  /** Whether clients show certificates. */
  boolean certificates() {
    return settings.tls() != null && settings.tls().clientAuthority() != null;
  }

  /** What both ports are encrypted with. */
  Optional<Tls> tls() {
    return Optional.ofNullable(tls);
  }

  /** Follows changes of the files from now on. */
  void follow(Consumer<Tls> changed) {
    Path tokens = settings.security().tokens();
    if (tokens != null) {
      followed.add(new Reloading(List.of(tokens), () -> grants = readGrants()));
    }
    Settings.Tls files = settings.tls();
    if (files != null) {
      followed.add(
          new Reloading(TlsFiles.all(files).toList(), () -> changed.accept(TlsFiles.read(files))));
    }
  }

  @Override
  public void close() {
    followed.forEach(Reloading::close);
  }
}
