package io.faultd.client;

import io.faultd.spec.Units;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** The options that commands share, and how options are made. */
final class Options {
  private static final Pattern UID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final Pattern TOKEN = Pattern.compile("[!-~]+");
  private static final int LAST_PORT = 65_535;
  private static final String USUAL = "http://127.0.0.1:9000";
  private static final String SOCKET = "unix:/run/faultd/api.sock";
  private static final String SERVER = "--server";
  private static final String TOKEN_FILE = "--token-file";
  private static final String CA_FILE = "--ca-file";
  private static final String CA = "FAULTD_CA_FILE";
  private static final String CERT_FILE = "--cert-file";
  private static final String CERT = "FAULTD_CERT_FILE";
  private static final String KEY_FILE = "--key-file";
  private static final String KEY = "FAULTD_KEY_FILE";
  private static final String PATIENCE = "--patience";
  private static final String SPECS = "--specs";
  private static final String SPECS_DIR = "FAULTD_SPECS_DIR";
  private static final String OUTPUT = "--output";

  private Options() {}

  static CommandSpec command(String what) {
    return described(CommandSpec.create(), what);
  }

  static CommandSpec described(CommandSpec spec, String what) {
    spec.interpolateVariables(false);
    spec.usageMessage().description(what).sortOptions(false).width(100);
    Sections.add(
        spec,
        "",
        List.of(
            OptionSpec.builder("-h", "--help").usageHelp(true).description("this text").build()));
    return spec;
  }

  /** Names the folder of which {@link #specs(List, Map)} has looked already. */
  static OptionSpec specs() {
    return text(
        "DIR", "has the specs that the daemon has from specs.dir ($" + SPECS_DIR + ")", SPECS);
  }

  /**
   * Where specs are besides our own; they must be known before the command line is understood.
   *
   * @param words of the command line
   */
  static @Nullable Path specs(List<String> words, Map<String, String> environment) {
    String folder = environment.getOrDefault(SPECS_DIR, "");
    for (int i = 0; i < words.size(); i++) {
      if (words.get(i).startsWith(SPECS + "=")) {
        folder = words.get(i).substring(SPECS.length() + 1);
      } else if (words.get(i).equals(SPECS) && i + 1 < words.size()) {
        folder = words.get(i + 1);
      }
    }
    return folder.isEmpty() ? null : Path.of(folder);
  }

  /** Where the daemon is, and in which form it is told. */
  static CommandSpec reaching(CommandSpec spec, boolean output) {
    if (output) {
      OptionSpec form =
          OptionSpec.builder("-o", OUTPUT)
              .paramLabel("table|json")
              .type(String.class)
              .completionCandidates(List.of("table", "json"))
              .description("how the answer is written (table)")
              .build();
      Sections.add(spec, "", List.of(form));
    }
    Sections.add(
        spec,
        "Where the daemon is",
        List.of(
            text("URL", "$FAULTD_SERVER, or " + USUAL + "; such as " + SOCKET, SERVER),
            text(
                "FILE",
                "has the token to present; else $FAULTD_TOKEN, or the file of"
                    + " $FAULTD_SECURITY_TOKEN_FILE",
                TOKEN_FILE),
            text(
                "FILE",
                "has the certificates (PEM) that sign the daemon's, for https; $FAULTD_CA_FILE,"
                    + " or those that Java knows",
                CA_FILE),
            text(
                "FILE",
                "has the certificate (PEM) to show, for https; $FAULTD_CERT_FILE, or none",
                CERT_FILE),
            text("FILE", "has its key (PEM); $FAULTD_KEY_FILE", KEY_FILE),
            text(
                "TIME",
                "asks so long again when a daemon does not answer that was there before (30s)",
                PATIENCE)));
    return spec;
  }

  /** The daemon that is meant. */
  static Daemon daemon(ParseResult result, Map<String, String> environment) {
    String named = environment.getOrDefault("FAULTD_SERVER", "");
    String server =
        Objects.requireNonNullElse(value(result, SERVER), named.isEmpty() ? USUAL : named);
    try {
      URI uri = new URI(server.replaceFirst("/+$", ""));
      boolean right =
          Rest.UNIX.equals(uri.getScheme())
              ? uri.getRawAuthority() == null && uri.getPath() != null && bare(uri)
              : ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                  && uri.getHost() != null
                  && uri.getPort() != 0
                  && uri.getPort() <= LAST_PORT
                  && bare(uri);
      if (right) {
        String token = token(value(result, TOKEN_FILE), environment);
        return new Daemon(new Rest(uri, token, trust(result, environment)), patience(result));
      }
    } catch (URISyntaxException e) {
      // is told below
    }
    throw wrong(
        result, SERVER + ": must be a URL such as " + USUAL + " or " + SOCKET + ": " + server);
  }

  private static boolean bare(URI uri) {
    return uri.getRawQuery() == null && uri.getRawFragment() == null;
  }

  private static @Nullable SSLSocketFactory trust(
      ParseResult result, Map<String, String> environment) {
    Path authorities = file(result, CA_FILE, environment.getOrDefault(CA, ""));
    Path certificate = file(result, CERT_FILE, environment.getOrDefault(CERT, ""));
    Path key = file(result, KEY_FILE, environment.getOrDefault(KEY, ""));
    if ((certificate == null) != (key == null)) {
      throw wrong(result, CERT_FILE + ": only goes with " + KEY_FILE + ", and the other way round");
    }
    return authorities == null && certificate == null
        ? null
        : Trust.of(authorities, certificate, key);
  }

  private static @Nullable Path file(ParseResult result, String option, String otherwise) {
    String file = Objects.requireNonNullElse(value(result, option), otherwise);
    return file.isEmpty() ? null : Path.of(file);
  }

  private static Duration patience(ParseResult result) {
    String text = value(result, PATIENCE);
    try {
      return text == null ? Daemon.PATIENCE : Units.seconds(text);
    } catch (IllegalArgumentException e) {
      throw wrong(result, PATIENCE + ": " + e.getMessage() + ": " + text);
    }
  }

  private static @Nullable String token(@Nullable String file, Map<String, String> environment) {
    String token = environment.getOrDefault("FAULTD_TOKEN", "");
    if (file == null && !token.isEmpty()) {
      return sound(token.strip(), "FAULTD_TOKEN");
    }
    String path = file == null ? environment.getOrDefault("FAULTD_SECURITY_TOKEN_FILE", "") : file;
    if (file == null && path.isEmpty()) {
      return null;
    }
    try {
      return sound(Files.readString(Path.of(path)).strip(), path);
    } catch (IOException e) {
      throw new ClientException(Outcome.REFUSED, "cannot read the token in " + path);
    }
  }

  /** A token that may stand in a header; of another nothing is told, for it may be a secret. */
  private static String sound(String token, String from) {
    if (!TOKEN.matcher(token).matches()) {
      throw new ClientException(
          Outcome.REFUSED,
          "the token in " + from + " must be one word of visible ASCII characters");
    }
    return token;
  }

  /** Whether the answer is to be written as the daemon sent it. */
  static boolean json(ParseResult result) {
    String form = Objects.requireNonNullElse(value(result, OUTPUT), "table");
    return switch (form) {
      case "json" -> true;
      case "table" -> false;
      default -> throw wrong(result, OUTPUT + ": must be table or json: " + form);
    };
  }

  /** A uid that may stand in a path. */
  static String uid(ParseResult result, String uid) {
    if (!UID.matcher(uid).matches() || uid.equals(".") || uid.equals("..")) {
      throw wrong(result, "a uid has 1 to 64 of A-Z a-z 0-9 . _ -, unlike \"" + uid + '"');
    }
    return uid;
  }

  static OptionSpec text(String label, String what, String... names) {
    return OptionSpec.builder(names[0])
        .names(names)
        .paramLabel(label)
        .type(String.class)
        .description(what)
        .build();
  }

  static OptionSpec texts(String label, String what, String... names) {
    return OptionSpec.builder(names[0])
        .names(names)
        .paramLabel(label)
        .type(List.class)
        .auxiliaryTypes(String.class)
        .arity("1")
        .description(what)
        .build();
  }

  static OptionSpec flip(String what, String... names) {
    return OptionSpec.builder(names[0])
        .names(names)
        .type(boolean.class)
        .arity("0")
        .description(what)
        .build();
  }

  /**
   * Words that are no options.
   *
   * @param least how many there must be
   * @param most how many there may be
   */
  static PositionalParamSpec words(String label, int least, int most, String what) {
    String last = most == Integer.MAX_VALUE ? "*" : Integer.toString(most - 1);
    return PositionalParamSpec.builder()
        .paramLabel(label)
        .index("0.." + last)
        .arity(least + ".." + (most == Integer.MAX_VALUE ? "*" : most))
        .required(least > 0)
        .type(List.class)
        .auxiliaryTypes(String.class)
        .description(what)
        .build();
  }

  static @Nullable String value(ParseResult result, String option) {
    return result.matchedOptionValue(option, null);
  }

  static boolean given(ParseResult result, String option) {
    return result.hasMatchedOption(option);
  }

  static List<String> values(ParseResult result, String option) {
    return result.matchedOptionValue(option, List.of());
  }

  /** The words that are no options. */
  static List<String> words(ParseResult result) {
    for (ArgSpec each : result.commandSpec().positionalParameters()) {
      List<String> words = each.getValue();
      return words == null ? List.of() : words;
    }
    return List.of();
  }

  static CommandLine.ParameterException wrong(ParseResult result, String why) {
    return new CommandLine.ParameterException(result.commandSpec().commandLine(), why);
  }
}
