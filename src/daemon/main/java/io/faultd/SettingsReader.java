package io.faultd;

import io.faultd.experiment.GuardRails;
import io.faultd.spec.Names;
import io.faultd.spec.Units;
import io.helidon.config.Config;
import io.helidon.config.ConfigException;
import io.helidon.config.ConfigSources;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads settings: arguments over system properties over environment over the file over the file in
 * the jar.
 */
final class SettingsReader {
  private static final System.Logger LOG = System.getLogger(SettingsReader.class.getName());
  private static final String PREFIX = "faultd.";
  private static final String VARIABLE = "FAULTD_";
  private static final Pattern PREFIX_OF_CALLBACKS =
      Pattern.compile("https?://[^/?#\\s@]+(/[^?#\\s]*)?");

  private final Map<String, String> environment;
  private final Properties properties;

  /** A reader of these; the file and the arguments come later. */
  SettingsReader(Map<String, String> environment, Properties properties) {
    this.environment = environment;
    this.properties = properties;
  }

  /**
   * Reads and checks all.
   *
   * @param arguments by key
   * @param file absent: only what is in the jar
   * @throws StartException naming the key, where it was given, and what would be right
   */
  Settings read(Map<String, String> arguments, @Nullable Path file) {
    Map<String, String> given = new HashMap<>();
    if (file != null) {
      given.putAll(checked(of(file), "in " + file));
    }
    overlay(given, variables());
    overlay(given, systemProperties());
    overlay(given, checked(arguments, "on the command line"));
    Config defaults = Config.just(ConfigSources.classpath("faultd.yaml"));
    // a list that is given replaces the default one, rather than item by item
    Map<String, String> all = new HashMap<>(checked(leaves(defaults), "in the jar's faultd.yaml"));
    overlay(all, given);
    return typed(Config.just(ConfigSources.create(all)));
  }

  private static void overlay(Map<String, String> below, Map<String, String> above) {
    for (Setting setting : Setting.values()) {
      if (setting.list() && above.keySet().stream().anyMatch(key -> isOf(setting, key))) {
        below.keySet().removeIf(key -> isOf(setting, key));
      }
    }
    below.putAll(above);
  }

  private static boolean isOf(Setting setting, String key) {
    return key.equals(setting.key()) || key.startsWith(setting.key() + ".");
  }

  private static Map<String, String> of(Path file) {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new StartException("cannot read the settings file " + file);
    }
    // it may hold a token, and says who is let in
    SecretFile.trusted("--config", file);
    try {
      Map<String, String> read = leaves(Config.just(ConfigSources.file(file).build()));
      if (read.containsKey(Setting.TOKEN.key())) {
        SecretFile.warn("--config, with " + Setting.TOKEN.key(), file);
      }
      return read;
    } catch (ConfigException e) {
      throw new StartException(
          "the settings file " + file + " cannot be read" + SecretFile.flaw(e));
    }
  }

  private static Map<String, String> leaves(Config config) {
    Map<String, String> leaves = new HashMap<>();
    config
        .traverse()
        .filter(node -> node.isLeaf())
        .forEach(node -> leaves.put(node.key().toString(), node.asString().orElse("")));
    return leaves;
  }

  private static Map<String, String> checked(Map<String, String> values, String where) {
    values.forEach((key, value) -> {
      Setting setting =
          Setting.of(key)
              .orElseThrow(() ->
                  new StartException(
                      "%s %s: there is no such setting%s"
                          .formatted(shown(key), where, Names.hint(key, Setting.KEYS))));
      check(setting, value, key + " " + where);
    });
    return values;
  }

  private static void check(Setting setting, String value, String where) {
    Optional<String> fault = setting.fault(value);
    if (fault.isPresent()) {
      String shown = setting == Setting.TOKEN ? "" : ", not \"" + Names.shown(value) + '"';
      throw new StartException(where + ": " + fault.get() + shown);
    }
  }

  private Map<String, String> variables() {
    Map<String, Setting> known = new HashMap<>();
    for (Setting setting : Setting.values()) {
      known.put(setting.variable(), setting);
    }
    known.put("FAULTD_TOKEN", Setting.TOKEN);
    Map<String, String> values = new HashMap<>();
    environment.forEach((name, value) -> {
      Setting setting = known.get(name);
      if (setting != null) {
        check(setting, value, setting.key() + " in the environment (" + name + ")");
        String other = values.put(setting.key(), value);
        if (other != null && !other.strip().equals(value.strip())) {
          throw new StartException(
              "FAULTD_TOKEN and %s are both set, and differ; set one"
                  .formatted(setting.variable()));
        }
      } else if (name.startsWith(VARIABLE)) {
        LOG.log(
            System.Logger.Level.WARNING,
            "{0} in the environment is no setting and is ignored{1}",
            name,
            Names.hint(name, known.keySet()));
      }
    });
    return values;
  }

  private Map<String, String> systemProperties() {
    Map<String, String> values = new HashMap<>();
    for (String name : properties.stringPropertyNames()) {
      if (name.startsWith(PREFIX)) {
        values.put(name.substring(PREFIX.length()), properties.getProperty(name));
      }
    }
    return checked(values, "as system property (-D" + PREFIX + "KEY)");
  }

  private static Settings typed(Config config) {
    return new Settings(
        new Settings.Listener(
            text(config, Setting.HTTP_HOST), Integer.parseInt(text(config, Setting.HTTP_PORT))),
        new Settings.Listener(
            text(config, Setting.GRPC_HOST), Integer.parseInt(text(config, Setting.GRPC_PORT))),
        optional(config, Setting.SOCKET)
            .map(path -> Path.of(path).toAbsolutePath().normalize())
            .orElse(null),
        hosts(config),
        new Settings.Security(
            token(config), optional(config, Setting.TOKENS_FILE).map(Path::of).orElse(null)),
        tls(config),
        new Settings.Clients(
            Integer.parseInt(text(config, Setting.CONNECTIONS)),
            Units.seconds(text(config, Setting.LOGIN_TIMEOUT)),
            Units.seconds(text(config, Setting.BODY_TIMEOUT)),
            Units.seconds(text(config, Setting.IDLE_TIMEOUT))),
        new Settings.Data(
            Path.of(text(config, Setting.DATA_DIR)).toAbsolutePath().normalize(),
            Boolean.parseBoolean(text(config, Setting.DATA_EPHEMERAL))),
        new Settings.Node(
            nodeName(config), Path.of(text(config, Setting.NODE_LOCK)).toAbsolutePath()),
        Optional.ofNullable(list(config, Setting.CRI_ENDPOINTS)).orElse(List.of()),
        optional(config, Setting.SPECS_DIR).map(Path::of).orElse(null),
        Settings.Recovery.valueOf(text(config, Setting.RECOVERY).toUpperCase(Locale.ROOT)),
        new Settings.Limits(
            Units.seconds(text(config, Setting.INJECT_LIMIT)),
            Integer.parseInt(text(config, Setting.LIMITS_EXPERIMENTS)),
            optional(config, Setting.TIMEOUT_MAX).map(Units::seconds).orElse(null),
            Boolean.parseBoolean(text(config, Setting.TIMEOUT_REQUIRED))),
        callbacks(config),
        protect(config),
        optional(config, Setting.RETENTION).map(Units::seconds).orElse(Duration.ofDays(30)));
  }

  /** An empty list is none: it must not read as: any name. */
  private static @Nullable List<String> hosts(Config config) {
    List<String> hosts = list(config, Setting.HOSTS);
    return hosts == null || hosts.isEmpty() ? null : hosts;
  }

  private static Settings.@Nullable Tls tls(Config config) {
    Optional<Path> certificate = optional(config, Setting.TLS_CERTIFICATE).map(Path::of);
    Optional<Path> key = optional(config, Setting.TLS_KEY).map(Path::of);
    Optional<Path> authority = optional(config, Setting.TLS_CLIENT_CA).map(Path::of);
    Optional<String> may = optional(config, Setting.TLS_CLIENT_AUTH);
    if (certificate.isPresent() != key.isPresent()) {
      throw new StartException(
          Setting.TLS_CERTIFICATE.key() + " and " + Setting.TLS_KEY.key() + " only go together");
    }
    if (certificate.isEmpty() && authority.isPresent()) {
      throw new StartException(
          Setting.TLS_CLIENT_CA.key() + " only goes with " + Setting.TLS_CERTIFICATE.key());
    }
    if (authority.isEmpty() && may.isPresent()) {
      throw new StartException(
          Setting.TLS_CLIENT_AUTH.key() + " only goes with " + Setting.TLS_CLIENT_CA.key());
    }
    return certificate.isEmpty()
        ? null
        : new Settings.Tls(
            certificate.get(),
            key.orElseThrow(),
            authority.orElse(null),
            may.filter(value -> value.equals("optional")).isPresent());
  }

  private static @Nullable String token(Config config) {
    Optional<String> token = optional(config, Setting.TOKEN);
    Optional<String> file = optional(config, Setting.TOKEN_FILE);
    if (file.isEmpty()) {
      // what comes from a secret of Kubernetes or $(cat FILE) may end in a line end
      return token.map(String::strip).orElse(null);
    }
    if (token.isPresent()) {
      throw new StartException("security.token and security.token-file are both set; set one");
    }
    SecretFile.check(Setting.TOKEN_FILE, Path.of(file.get()));
    try {
      String text = Files.readString(Path.of(file.get())).strip();
      if (text.isEmpty()) {
        throw new StartException("security.token-file: " + file.get() + " is empty");
      }
      return text;
    } catch (IOException e) {
      throw new StartException("security.token-file: cannot read " + file.get(), e);
    }
  }

  private static String nodeName(Config config) {
    return optional(config, Setting.NODE_NAME)
        .orElseGet(() -> {
          try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
          } catch (IOException e) {
            throw new StartException("node.name: this kernel does not tell a hostname", e);
          }
        });
  }

  private static String text(Config config, Setting setting) {
    return optional(config, setting)
        .orElseThrow(() -> new StartException(setting.key() + ": is not set"));
  }

  private static Optional<String> optional(Config config, Setting setting) {
    return config.get(setting.key()).asString().asOptional();
  }

  private static List<String> callbacks(Config config) {
    List<String> prefixes =
        Optional.ofNullable(list(config, Setting.CALLBACKS_ALLOW)).orElse(List.of());
    for (String prefix : prefixes) {
      if (!PREFIX_OF_CALLBACKS.matcher(prefix).matches() || !hasServer(prefix)) {
        throw new StartException(
            "%s: must be addresses such as https://example.org/hook/, with a plain name and port, not %s"
                .formatted(Setting.CALLBACKS_ALLOW.key(), Names.shown(prefix)));
      }
    }
    return prefixes;
  }

  private static boolean hasServer(String address) {
    try {
      URI uri = new URI(address).parseServerAuthority();
      return uri.getPort() == -1 || uri.getPort() > 0 && uri.getPort() <= 65_535;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static List<String> protect(Config config) {
    List<String> names =
        Optional.ofNullable(list(config, Setting.NETWORK_PROTECT)).orElse(List.of());
    for (String name : names) {
      if (!GuardRails.TRAFFIC.contains(name)) {
        throw new StartException(
            "%s: no such traffic: %s; there are %s"
                .formatted(
                    Setting.NETWORK_PROTECT.key(), name, String.join(", ", GuardRails.TRAFFIC)));
      }
    }
    return names;
  }

  /** Items of a file, or text separated by commas; absent if the key is. */
  private static @Nullable List<String> list(Config config, Setting setting) {
    Config node = config.get(setting.key());
    if (!node.exists()) {
      return null;
    }
    List<String> items =
        node.isLeaf()
            ? List.of(node.asString().orElse("").split(",", -1))
            : node.asNodeList().orElse(List.of()).stream()
                .map(item -> item.asString().orElse(""))
                .toList();
    return items.stream().map(String::strip).filter(item -> !item.isEmpty()).toList();
  }

  /** A key that is not like one may have a secret in it that belongs behind it. */
  private static String shown(String key) {
    return key.matches("[\\w.-]+") ? key : "a key";
  }
}
