package io.faultd.client;

import io.faultd.spec.Names;
import io.faultd.spec.SpecException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The client mode: everything but serve and sweep. */
public final class Client {
  private static final Map<String, String> COMMANDS = new LinkedHashMap<>();
  private static final String END_OF_OPTIONS = "--";

  static {
    COMMANDS.put("create", Create.WHAT);
    COMMANDS.put("run", Run.WHAT);
    COMMANDS.put("destroy", Destroy.WHAT);
    COMMANDS.put("status", Status.WHAT);
    COMMANDS.put("watch", Watch.WHAT);
    COMMANDS.put("actions", Actions.WHAT);
    COMMANDS.put("prepare", Prepare.WHAT);
    COMMANDS.put("revoke", Revoke.WHAT);
    COMMANDS.put("completion", Completion.WHAT);
  }

  private final Supplier<CommandSpec> root;
  private final Session session;

  /**
   * A client of whoever the command line names.
   *
   * @param root the command line without the commands of the client
   * @param relay passes signals on
   * @param environment of this process
   * @param out for what was asked for
   * @param err for what people should know
   */
  public Client(
      Supplier<CommandSpec> root,
      Relay relay,
      Map<String, String> environment,
      PrintWriter out,
      PrintWriter err) {
    this.root = root;
    this.session = new Session(out, err, environment, relay);
  }

  /** Its commands, and what each does. */
  public static Map<String, String> commands() {
    return Map.copyOf(COMMANDS);
  }

  /** Adds what it has to say of itself to the help of all. */
  public static void list(CommandSpec all) {
    COMMANDS.forEach((name, what) -> all.addSubcommand(name, Options.command(what)));
  }

  /**
   * Does what a command line says.
   *
   * @param args a command of the client, and what follows it
   * @return the exit code
   */
  public int run(String... args) {
    List<String> all = Arrays.asList(args);
    int end = all.getFirst().equals("run") ? all.indexOf(END_OF_OPTIONS) : -1;
    List<String> own = end < 0 ? all : all.subList(0, end);
    Verb verb = verb(own, end < 0 ? List.of() : all.subList(end + 1, all.size()));
    CommandSpec spec = CommandSpec.create().name("faultd");
    try {
      spec.addSubcommand(own.getFirst(), verb.spec(own.subList(1, own.size())));
    } catch (UncheckedIOException e) {
      session.tell("cannot read specs: " + e.getMessage());
      return verb.code(Outcome.REFUSED);
    } catch (SpecException e) {
      session.tell(String.valueOf(e.getMessage()));
      return verb.code(Outcome.REFUSED);
    }
    CommandLine line =
        new CommandLine(spec)
            .setExpandAtFiles(false)
            .setOut(session.out())
            .setErr(session.err())
            .setUnmatchedOptionsArePositionalParams(false);
    try {
      int code = execute(verb, line.parseArgs(own.toArray(String[]::new)));
      return code == Outcome.OK.code() ? written(verb) : code;
    } catch (CommandLine.ParameterException e) {
      session.tell(e.getMessage() + hint(e));
      session.tell("see " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
      return verb.code(Outcome.REFUSED);
    } finally {
      session.out().flush();
      session.err().flush();
    }
  }

  private int execute(Verb verb, ParseResult parsed) {
    ParseResult innermost = parsed;
    while (innermost.hasSubcommand()) {
      innermost = innermost.subcommand();
    }
    exitCodes(innermost.commandSpec(), verb);
    if (CommandLine.executeHelpRequest(parsed) != null) {
      return Outcome.OK.code();
    }
    try {
      return verb.execute(innermost, session);
    } catch (ClientException e) {
      boolean json = innermost.hasMatchedOption("-o") && Options.json(innermost);
      tell(e, json, session);
      return verb.code(e.outcome());
    }
  }

  private static void exitCodes(CommandSpec spec, Verb verb) {
    Map<String, String> codes = new LinkedHashMap<>();
    codes.put(Integer.toString(Outcome.OK.code()), Outcome.OK.what());
    for (Outcome each : EnumSet.complementOf(EnumSet.of(Outcome.OK))) {
      codes.putIfAbsent(Integer.toString(verb.code(each)), each.what());
    }
    spec.usageMessage().exitCodeListHeading("%nExit codes:%n").exitCodeList(codes);
  }

  /** Who does not get what it asked for must not take it for an empty answer. */
  private int written(Verb verb) {
    try {
      session.written();
      return Outcome.OK.code();
    } catch (ClientException e) {
      tell(e, false, session);
      return verb.code(e.outcome());
    }
  }

  /** Tells a failure, in JSON as the daemon told it, too. */
  static void tell(ClientException failure, boolean json, Session session) {
    failure.answer().filter(answer -> json).ifPresent(session::document);
    session.tell(String.valueOf(failure.getMessage()));
  }

  private Verb verb(List<String> words, List<String> command) {
    Path specs = Options.specs(words, session.environment());
    return switch (words.getFirst()) {
      case "create" -> new Create(specs);
      case "run" -> new Run(command, specs);
      case "destroy" -> new Destroy();
      case "status" -> new Status();
      case "watch" -> new Watch();
      case "actions" -> new Actions();
      case "prepare" -> new Prepare();
      case "revoke" -> new Revoke();
      case "completion" -> new Completion(this::whole);
      default -> throw new IllegalArgumentException(words.getFirst());
    };
  }

  /** The whole command line, each action made in full. */
  private CommandSpec whole() {
    CommandSpec all = root.get();
    Path specs = Options.specs(List.of(), session.environment());
    for (String name : COMMANDS.keySet()) {
      CommandSpec spec =
          switch (name) {
            case "create" -> filled(Create.WHAT, Create.tree(specs));
            case "run" -> filled(Run.WHAT, Run.tree(specs));
            default -> verb(List.of(name), List.of()).spec(List.of());
          };
      all.addSubcommand(name, spec);
    }
    return all;
  }

  private static CommandSpec filled(String what, ActionTree tree) {
    CommandSpec spec = Options.command(what);
    tree.fill(spec);
    return spec;
  }

  private static String hint(CommandLine.ParameterException e) {
    if (!(e instanceof CommandLine.UnmatchedArgumentException unmatched)) {
      return "";
    }
    String wrong = unmatched.getUnmatched().getFirst().split("=", 2)[0];
    CommandSpec spec = e.getCommandLine().getCommandSpec();
    return wrong.startsWith("-")
        ? Names.hint(wrong, spec.optionsMap().keySet())
        : Names.hint(wrong, spec.subcommands().keySet());
  }
}
