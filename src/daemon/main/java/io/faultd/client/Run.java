package io.faultd.client;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code run TARGET ACTION -- COMMAND}: runs a command while something is broken. */
final class Run implements Verb {
  static final String WHAT = "Runs a command while something is broken.";

  private static final String VERDICT = "--verdict";
  private static final String FORMAT = "--format";
  private static final String TIMEOUT = "1h";
  private static final String UNWRITTEN = "the verdict cannot be written to ";

  /** What follows {@code --}. */
  private final List<String> command;

  private final @Nullable Path specs;

  /**
   * With the actions of our own specs and others.
   *
   * @param specs has these; absent: there are none
   */
  Run(List<String> command, @Nullable Path specs) {
    this.command = command;
    this.specs = specs;
  }

  @Override
  public CommandSpec spec(List<String> words) {
    CommandSpec spec = Options.command(WHAT);
    tree(specs).fill(spec, words);
    return spec;
  }

  static ActionTree tree(@Nullable Path specs) {
    // it waits, and is told what becomes of the experiment by asking
    return new ActionTree("run", Run::options, Set.of("async", "endpoint"), true, specs);
  }

  private static List<OptionSpec> options() {
    List<OptionSpec> own = new ArrayList<>(Order.options());
    own.add(Options.specs());
    own.add(
        Options.text(
            "TIME",
            "waits so long at most for the effect (" + Create.SETTLE + ")",
            Create.WAIT_TIMEOUT));
    own.add(Options.text("FILE", "where the verdict is written", VERDICT));
    own.add(
        OptionSpec.builder(FORMAT)
            .paramLabel("json|junit")
            .type(String.class)
            .completionCandidates(List.of("json", "junit"))
            .description("form of the verdict (junit if FILE ends in .xml, else json)")
            .build());
    return own;
  }

  @Override
  public int execute(ParseResult result, Session session) {
    ActionCommand action = ActionCommand.of(result);
    if (command.isEmpty()) {
      throw Options.wrong(result, "the command is missing; it follows \"--\"");
    }
    String file = Options.value(result, action.own(VERDICT));
    boolean junit = junit(result, action, file);
    Duration settle = Create.settle(result, action.own(Create.WAIT_TIMEOUT));
    Order order = Order.of(result, null, TIMEOUT);
    if (order.endless()) {
      throw Options.wrong(result, "--timeout: must be more than 0: it holds if run is killed");
    }
    Daemon daemon = Options.daemon(result, session.environment());
    if (file != null) {
      writable(Path.of(file));
    }
    Verdict verdict = new Trial(daemon, order, command, session).run(settle);
    tell(verdict, session);
    if (file == null) {
      return verdict.exitCode();
    }
    try {
      VerdictFile.write(verdict, Path.of(file), junit);
      return verdict.exitCode();
    } catch (IOException e) {
      session.tell(UNWRITTEN + e.getMessage());
      // whoever reads the file must not take what it has for a success
      return (verdict.outcome() == Outcome.OK ? Outcome.NO_EFFECT : verdict.outcome()).codeOfRun();
    }
  }

  private static void writable(Path file) {
    try {
      VerdictFile.empty(file);
    } catch (IOException e) {
      throw new ClientException(Outcome.REFUSED, UNWRITTEN + e.getMessage());
    }
  }

  private static boolean junit(ParseResult result, ActionCommand action, @Nullable String file) {
    String form = Options.value(result, action.own(FORMAT));
    if (form != null && file == null) {
      throw Options.wrong(result, FORMAT + ": only goes with " + VERDICT);
    }
    String absent = file != null && file.endsWith(".xml") ? "junit" : "json";
    return switch (Objects.requireNonNullElse(form, absent)) {
      case "json" -> false;
      case "junit" -> true;
      default -> throw Options.wrong(result, FORMAT + ": must be json or junit: " + form);
    };
  }

  private static void tell(Verdict verdict, Session session) {
    if (verdict.outcome() != Outcome.OK) {
      session.tell(verdict.error());
    }
    String how = verdict.code() == null ? "was not run" : "ended with " + verdict.code();
    String fault =
        verdict.undone()
            ? "the fault is taken back"
            : verdict.made() ? "the fault may be in place until its timeout" : "nothing was broken";
    session.tell("%s: the command %s; %s".formatted(verdict.result(), how, fault));
  }

  @Override
  public int code(Outcome outcome) {
    return outcome.codeOfRun();
  }
}
