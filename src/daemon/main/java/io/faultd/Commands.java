package io.faultd;

import io.faultd.client.Client;
import io.faultd.client.Visible;
import io.faultd.spec.Names;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * The command line.
 *
 * <p>Built by hand rather than from annotations: reading those takes a good part of the start.
 */
final class Commands {
  private static final Pattern ADDRESS = Pattern.compile("(\\[[^]]+]|[^:]+):(\\d{1,5})");
  private static final String SERVE = "serve";
  private static final String SWEEP = "sweep";

  private final Serve serve;
  private final Sweep sweep;

  private Commands(Serve serve, Sweep sweep) {
    this.serve = serve;
    this.sweep = sweep;
  }

  /** Runs the daemon until it is told to end. */
  interface Serve {
    /** Runs it. */
    void run(Settings settings) throws InterruptedException;
  }

  /** Undoes without a record. */
  interface Sweep {
    /** Undoes what one experiment, or all, left behind. */
    void run(Settings settings, @Nullable String uid);
  }

  static CommandLine line(Serve serve, Sweep sweep) {
    Commands commands = new Commands(serve, sweep);
    CommandSpec root = daemon();
    Client.list(root);
    return new CommandLine(root)
        .setExecutionStrategy(commands::execute)
        .setExecutionExceptionHandler(Commands::failed)
        .setUnmatchedOptionsArePositionalParams(false);
  }

  /** All that is not the client's. */
  static CommandSpec daemon() {
    CommandSpec root =
        options(
            CommandSpec.create()
                .name("faultd")
                .addSubcommand(SERVE, options(described(CommandSpec.create(), "Runs the daemon.")))
                .addSubcommand(
                    SWEEP,
                    options(
                        described(
                            CommandSpec.create()
                                .addOption(
                                    text("--uid", "UID", "only what this experiment left behind")),
                            "Undoes what experiments left on this node, without their records."))));
    described(root, "Breaks things on this node on purpose, and puts every one of them back.");
    root.addOption(
        OptionSpec.builder("-V", "--version").versionHelp(true).description("version").build());
    root.version("faultd " + version());
    return root;
  }

  static String version() {
    String version = Commands.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  private int execute(ParseResult result) throws CommandLine.ExecutionException {
    Integer help = CommandLine.executeHelpRequest(result);
    if (help != null) {
      return help;
    }
    ParseResult own = result.hasSubcommand() ? result.subcommand() : result;
    CommandLine command = own.commandSpec().commandLine();
    String name = own.commandSpec().name();
    if (Client.commands().containsKey(name)) {
      throw new CommandLine.ParameterException(command, name + ": must come first");
    }
    Map<String, String> arguments = new LinkedHashMap<>();
    for (ParseResult part : result.hasSubcommand() ? List.of(result, own) : List.of(own)) {
      address(part, "--http", "server.http", arguments);
      address(part, "--grpc", "server.grpc", arguments);
      put(part, "--auth-token-file", Setting.TOKEN_FILE, arguments);
      put(part, "--data-dir", Setting.DATA_DIR, arguments);
    }
    String file = own.matchedOptionValue("--config", result.matchedOptionValue("--config", null));
    try {
      Settings settings =
          new SettingsReader(System.getenv(), System.getProperties())
              .read(arguments, file == null ? null : Path.of(file));
      if (name.equals(SWEEP)) {
        sweep.run(settings, own.matchedOptionValue("--uid", null));
      } else {
        serve.run(settings);
      }
      return CommandLine.ExitCode.OK;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return CommandLine.ExitCode.OK;
    } catch (RuntimeException e) {
      throw new CommandLine.ExecutionException(command, String.valueOf(e.getMessage()), e);
    }
  }

  private static int failed(Exception e, CommandLine command, ParseResult result) {
    if (e instanceof CommandLine.ParameterException wrong) {
      throw wrong;
    }
    Throwable cause = e instanceof CommandLine.ExecutionException ? e.getCause() : e;
    String text =
        cause instanceof StartException start
            ? String.valueOf(start.getMessage())
            : Logging.line(cause == null ? e : cause);
    command.getErr().println("faultd: " + Visible.text(text));
    return CommandLine.ExitCode.SOFTWARE;
  }

  private static void put(
      ParseResult result, String option, Setting setting, Map<String, String> arguments) {
    String value = result.matchedOptionValue(option, null);
    if (value != null) {
      arguments.put(setting.key(), value);
    }
  }

  private static void address(
      ParseResult result, String option, String key, Map<String, String> arguments) {
    String value = result.matchedOptionValue(option, null);
    if (value != null) {
      Matcher match = ADDRESS.matcher(value);
      if (!match.matches()) {
        throw new CommandLine.ParameterException(
            result.commandSpec().commandLine(),
            option + ": must be HOST:PORT, not \"" + Names.shown(value) + '"');
      }
      arguments.put(key + ".host", match.group(1).replaceAll("[\\[\\]]", ""));
      arguments.put(key + ".port", match.group(2));
    }
  }

  private static CommandSpec described(CommandSpec spec, String what) {
    spec.usageMessage().description(what);
    return spec;
  }

  private static CommandSpec options(CommandSpec spec) {
    return spec.addOption(
            OptionSpec.builder("-h", "--help").usageHelp(true).description("this text").build())
        .addOption(text("--config", "FILE", "settings, see etc/faultd.yaml"))
        .addOption(text("--http", "HOST:PORT", "where REST is served (127.0.0.1:9000)"))
        .addOption(text("--grpc", "HOST:PORT", "where gRPC is served (127.0.0.1:9001)"))
        .addOption(text("--auth-token-file", "FILE", "has the token that clients must present"))
        .addOption(text("--data-dir", "DIR", "keeps the records (/var/lib/faultd)"));
  }

  private static OptionSpec text(String name, String label, String what) {
    return OptionSpec.builder(name).paramLabel(label).type(String.class).description(what).build();
  }
}
