package io.faultd.client;

import java.util.List;
import java.util.function.Supplier;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code completion bash}: a script for the shell that completes commands, flags and values. */
final class Completion implements Verb {
  static final String WHAT = "Writes a script for bash or zsh that completes command lines.";

  private static final List<String> SHELLS = List.of("bash", "zsh");

  private final Supplier<CommandSpec> root;

  /**
   * Of everything.
   *
   * @param root the whole command line, each action made in full
   */
  Completion(Supplier<CommandSpec> root) {
    this.root = root;
  }

  @Override
  public CommandSpec spec(List<String> words) {
    CommandSpec spec = Options.command(WHAT);
    return spec.addPositional(
        Options.words(
            "bash|zsh", 1, 1, "to be read by the shell: source <(faultd completion bash)"));
  }

  @Override
  public int execute(ParseResult result, Session session) {
    String shell = Options.words(result).getFirst();
    if (!SHELLS.contains(shell)) {
      throw Options.wrong(result, "must be bash or zsh: " + shell);
    }
    // the same for both: what zsh needs to understand bash's is at its begin
    session.out().print(AutoComplete.bash("faultd", new CommandLine(root.get())));
    return Outcome.OK.code();
  }
}
