package io.faultd;

import io.faultd.client.Visible;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the command line says of the settings.
 *
 * <p>Those of a unit file or an image are read here, and picocli is left alone: its classes are too
 * old for the archive (a JVM keeps none from before Java 6), and loading them is a sixth of a
 * start.
 */
final class Arguments {
  private static final Pattern ADDRESS = Pattern.compile("(\\[[^]]+]|[^:]+):(\\d{1,5})");
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9/.\\[][^\"'\\\\]*");

  /** An option, as it is written. */
  enum Option {
    CONFIG("--config", "FILE", "settings, see etc/faultd.yaml"),
    HTTP("--http", "HOST:PORT", "where REST is served (127.0.0.1:9000)"),
    GRPC("--grpc", "HOST:PORT", "where gRPC is served (127.0.0.1:9001)"),
    TOKEN_FILE("--auth-token-file", "FILE", "has the token that clients must present"),
    DATA_DIR("--data-dir", "DIR", "keeps the records (/var/lib/faultd)");

    private final String text;
    private final String label;
    private final String description;

    Option(String text, String label, String description) {
      this.text = text;
      this.label = label;
      this.description = description;
    }

    String text() {
      return text;
    }

    String label() {
      return label;
    }

    String description() {
      return description;
    }
  }

  /** What is done with the settings. */
  @FunctionalInterface
  interface Work {
    /** Does it. */
    void with(Settings settings) throws InterruptedException;
  }

  private final Map<Option, String> given;

  /** These, whose addresses are some. */
  Arguments(Map<Option, String> given) {
    this.given = new EnumMap<>(Option.class);
    this.given.putAll(given);
  }

  /** Whether this is what an option for an address takes. */
  static boolean address(String value) {
    return ADDRESS.matcher(value).matches();
  }

  /**
   * Those of a daemon, if nothing about them is unusual; of all else picocli knows what it means,
   * or what is wrong with it.
   */
  static Optional<Arguments> plain(String... args) {
    Map<Option, String> given = new EnumMap<>(Option.class);
    int at = args.length > 0 && args[0].equals("serve") ? 1 : 0;
    while (at < args.length) {
      String arg = args[at];
      int equal = arg.indexOf('=');
      Option option = option(equal < 0 ? arg : arg.substring(0, equal));
      String value =
          equal >= 0 ? arg.substring(equal + 1) : at + 1 < args.length ? args[at + 1] : "";
      if (option == null || !fits(option, value) || given.put(option, value) != null) {
        return Optional.empty();
      }
      at += equal >= 0 ? 1 : 2;
    }
    return Optional.of(new Arguments(given));
  }

  private static @Nullable Option option(String text) {
    for (Option option : Option.values()) {
      if (option.text.equals(text)) {
        return option;
      }
    }
    return null;
  }

  private static boolean fits(Option option, String value) {
    return PLAIN.matcher(value).matches()
        && (option != Option.HTTP && option != Option.GRPC || address(value));
  }

  /**
   * Reads the settings and does this with them; what goes wrong is told in one line.
   *
   * @return what to exit with
   */
  int carryOut(Work work, SettingsReader reader, PrintStream err) {
    try {
      String file = given.get(Option.CONFIG);
      work.with(reader.read(settings(), file == null ? null : Path.of(file)));
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    } catch (RuntimeException e) {
      String text = e instanceof StartException ? String.valueOf(e.getMessage()) : Logging.line(e);
      err.println("faultd: " + Visible.text(text));
      return 1;
    }
  }

  private Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    given.forEach((option, value) -> {
      switch (option) {
        case HTTP -> listener("server.http", value, settings);
        case GRPC -> listener("server.grpc", value, settings);
        case TOKEN_FILE -> settings.put(Setting.TOKEN_FILE.key(), value);
        case DATA_DIR -> settings.put(Setting.DATA_DIR.key(), value);
        case CONFIG -> {} // where others are
      }
    });
    return settings;
  }

  private static void listener(String key, String value, Map<String, String> settings) {
    Matcher match = ADDRESS.matcher(value);
    if (match.matches()) {
      settings.put(key + ".host", match.group(1).replaceAll("[\\[\\]]", ""));
      settings.put(key + ".port", match.group(2));
    }
  }
}
