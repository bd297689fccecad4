package io.faultd;

import io.faultd.access.Access;
import io.faultd.access.Grant;
import io.faultd.access.Role;
import io.faultd.spec.Names;
import io.helidon.config.Config;
import io.helidon.config.ConfigException;
import io.helidon.config.ConfigSources;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The file that says who may do what: {@code security.tokens-file}. */
final class TokensFile {
  private static final Set<String> KEYS =
      Set.of("name", "token", "sha256", "certificate", "role", "scopes", "targets");

  private static final Set<String> SCOPES = Set.of("host", "cri");

  private TokensFile() {}

  /** What names no target of these, and so allows nothing: a line for people each. */
  static List<String> unknown(List<Grant> grants, Set<String> targets) {
    return grants.stream()
        .flatMap(grant ->
            grant.targets().stream()
                .filter(target -> !targets.contains(target))
                .map(target ->
                    "%s: there is no target %s%s"
                        .formatted(grant.name(), target, Names.hint(target, targets))))
        .sorted()
        .toList();
  }

  /**
   * Reads it.
   *
   * @throws StartException naming the entry, the key and what would be right
   */
  static List<Grant> read(Path file) {
    SecretFile.check(Setting.TOKENS_FILE, file);
    try {
      Config config =
          Config.builder(ConfigSources.file(file).build())
              .disableEnvironmentVariablesSource()
              .disableSystemPropertiesSource()
              .build();
      List<Grant> grants = new ArrayList<>();
      Set<String> names = new HashSet<>();
      for (Config entry : config.get("tokens").asNodeList().orElse(List.of())) {
        Grant grant = grant(entry, file + ": entry " + (grants.size() + 1));
        if (!names.add(grant.name())) {
          throw new StartException(file + ": two entries are named " + grant.name());
        }
        grants.add(grant);
      }
      if (grants.isEmpty()) {
        throw new StartException(file + ": has no entry under tokens");
      }
      return List.copyOf(grants);
    } catch (ConfigException e) {
      // what the library says has the lines that are wrong in it, and so their tokens
      throw new StartException(
          "security.tokens-file: %s cannot be read%s".formatted(file, SecretFile.flaw(e)));
    }
  }

  /** One that is not like a key may be a token at the wrong place, and is not shown. */
  private static String unknownKey(String key) {
    String hint = Names.hint(key, KEYS);
    return hint.contains("did you mean")
        ? "there is no key " + key + hint
        : "has a key that is none of " + String.join(", ", new TreeSet<>(KEYS));
  }

  private static Grant grant(Config entry, String where) {
    for (Config key : entry.asNodeList().orElse(List.of())) {
      if (!KEYS.contains(key.name())) {
        throw new StartException(where + ": " + unknownKey(key.name()));
      }
    }
    String name = text(entry, "name");
    if (name == null) {
      throw new StartException(where + ": has no name");
    }
    if (Access.reserved(name)) {
      throw new StartException(
          where + ": name " + name + " is what the audit has for the daemon itself or for root");
    }
    String token = text(entry, "token");
    String sha256 = text(entry, "sha256");
    String certificate = text(entry, "certificate");
    List<String> shown = Arrays.asList(token, sha256, certificate);
    if (shown.stream().filter(each -> each != null).count() != 1) {
      throw new StartException(
          where + ": needs one of token, sha256 (of a token) and certificate (a common name)");
    }
    return new Grant(
        name,
        token != null ? Grant.digest(token) : sha256 != null ? digest(sha256, where) : null,
        certificate,
        role(text(entry, "role"), where),
        scopes(set(entry, "scopes", where), where),
        set(entry, "targets", where));
  }

  private static byte[] digest(String sha256, String where) {
    if (!sha256.matches("[0-9a-fA-F]{64}")) {
      throw new StartException(where + ": sha256 must have 64 hexadecimal digits");
    }
    return HexFormat.of().parseHex(sha256);
  }

  private static Role role(@Nullable String text, String where) {
    return Arrays.stream(Role.values())
        .filter(role -> role.text().equals(text))
        .findFirst()
        .orElseThrow(() -> new StartException(where + ": role must be viewer, operator or admin"));
  }

  /** One that is no scope would allow nothing, and nobody would know why. */
  private static Set<String> scopes(Set<String> scopes, String where) {
    for (String scope : scopes) {
      if (!SCOPES.contains(scope)) {
        throw new StartException(
            where + ": there is no scope " + scope + Names.hint(scope, SCOPES));
      }
    }
    return scopes;
  }

  private static Set<String> set(Config entry, String key, String where) {
    Config node = entry.get(key);
    if (!node.exists()) {
      return Set.of();
    }
    List<String> items =
        node.isLeaf()
            ? Arrays.stream(node.asString().orElse("").split(",", -1)).map(String::strip).toList()
            : node.asList(String.class).orElse(List.of());
    if (items.isEmpty() || items.contains("")) {
      // an empty list must not read as: all
      throw new StartException(where + ": " + key + " is empty; leave it out to allow all");
    }
    return Set.copyOf(items);
  }

  private static @Nullable String text(Config entry, String key) {
    Optional<String> text = entry.get(key).asString().asOptional();
    return text.filter(it -> !it.isBlank()).map(String::strip).orElse(null);
  }
}
