package io.faultd;

import io.faultd.Arguments.Option;
import io.faultd.client.Client;
import io.faultd.spec.Names;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
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
  private static final String SERVE = "serve";
  private static final String SWEEP = "sweep";

  private final SettingsReader reader;
  private final Arguments.Work serve;
  private final Sweep sweep;

  private Commands(SettingsReader reader, Arguments.Work serve, Sweep sweep) {
    this.reader = reader;
    this.serve = serve;
    this.sweep = sweep;
  }

  /** Undoes without a record. */
  interface Sweep {
    /** Undoes what one experiment, or all, left behind. */
    void run(Settings settings, @Nullable String uid);
  }

  static CommandLine line(SettingsReader reader, Arguments.Work serve, Sweep sweep) {
    Commands commands = new Commands(reader, serve, sweep);
    CommandSpec root = daemon();
    Client.list(root);
    return new CommandLine(root)
        .setExecutionStrategy(commands::execute)
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
    root.version("faultd " + Main.version());
    return root;
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
    Map<Option, String> given = new EnumMap<>(Option.class);
    for (ParseResult part : result.hasSubcommand() ? List.of(result, own) : List.of(own)) {
      for (Option option : Option.values()) {
        String value = part.matchedOptionValue(option.text(), null);
        if (value != null) {
          given.put(option, checked(part, option, value));
        }
      }
    }
    Arguments arguments = new Arguments(given);
    String uid = name.equals(SWEEP) ? own.matchedOptionValue("--uid", null) : null;
    return arguments.carryOut(
        name.equals(SWEEP) ? settings -> sweep.run(settings, uid) : serve, reader, System.err);
  }

  private static String checked(ParseResult part, Option option, String value) {
    boolean address = option == Option.HTTP || option == Option.GRPC;
    if (address && !Arguments.address(value)) {
      throw new CommandLine.ParameterException(
          part.commandSpec().commandLine(),
          option.text() + ": must be HOST:PORT, not \"" + Names.shown(value) + '"');
    }
    return value;
  }

  private static CommandSpec described(CommandSpec spec, String what) {
    spec.usageMessage().description(what);
    return spec;
  }

  private static CommandSpec options(CommandSpec spec) {
    spec.addOption(
        OptionSpec.builder("-h", "--help").usageHelp(true).description("this text").build());
    for (Option option : Option.values()) {
      spec.addOption(text(option.text(), option.label(), option.description()));
    }
    return spec;
  }

  private static OptionSpec text(String name, String label, String what) {
    return OptionSpec.builder(name).paramLabel(label).type(String.class).description(what).build();
  }
}
