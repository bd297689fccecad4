package io.faultd.client;

import io.faultd.spec.Outline;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Targets as commands, and their actions as commands of those; made from the specs. */
final class ActionTree {
  private final Outline outline;
  private final Supplier<List<OptionSpec>> own;
  private final Set<String> without;
  private final boolean runs;
  private final String verb;

  /**
   * For one command.
   *
   * @param verb its name
   * @param own its options besides flags
   * @param without common flags that make no sense with it
   * @param runs whether a command of the user follows, and answers have one form only
   * @param specs has specs besides our own; absent: there are none
   */
  ActionTree(
      String verb,
      Supplier<List<OptionSpec>> own,
      Set<String> without,
      boolean runs,
      @Nullable Path specs) {
    this.verb = verb;
    this.outline = Outline.load(specs);
    this.own = own;
    this.without = without;
    this.runs = runs;
  }

  /** All of it, by names only: aliases would triple it. */
  void fill(CommandSpec spec) {
    labelled(spec, "TARGET", "Targets");
    for (Outline.Target each : outline.targets()) {
      CommandSpec target = Options.command(each.desc());
      labelled(target, "ACTION", "Actions");
      for (Outline.Action action : outline.actions(each)) {
        target.addSubcommand(action.name(), full(action).aliases(new String[0]));
      }
      spec.addSubcommand(each.name(), target);
    }
  }

  /**
   * What the words of a command line lead to; beside that names and descriptions only.
   *
   * @param words a target, an action, and more
   */
  void fill(CommandSpec spec, List<String> words) {
    labelled(spec, "TARGET", "Targets");
    Outline.Target chosen = words.isEmpty() ? null : outline.target(words.getFirst()).orElse(null);
    String action = words.size() < 2 ? "" : words.get(1);
    for (Outline.Target each : outline.targets()) {
      CommandSpec target = Options.command(each.desc());
      target.name(each.name()).aliases(each.aliases().toArray(String[]::new));
      if (each.equals(chosen)) {
        labelled(target, "ACTION", "Actions");
        outline
            .actions(each)
            .forEach(one -> target.addSubcommand(one.name(), command(one, action)));
      }
      spec.addSubcommand(each.name(), target);
    }
  }

  private CommandSpec command(Outline.Action action, String wanted) {
    if (action.name().equals(wanted) || action.aliases().contains(wanted)) {
      return full(action);
    }
    return Options.command(action.desc())
        .name(action.name())
        .aliases(action.aliases().toArray(String[]::new));
  }

  private CommandSpec full(Outline.Action action) {
    CommandSpec spec = ActionCommand.spec(action, own.get(), without);
    // all flags in one line would be ten lines
    spec.usageMessage()
        .customSynopsis(
            "faultd %s %s %s [OPTIONS]%s"
                .formatted(verb, action.target(), action.name(), runs ? " -- COMMAND" : ""));
    if (runs) {
      spec.usageMessage().footer("Any other is the command's own.");
    }
    return Options.reaching(spec, !runs);
  }

  private static void labelled(CommandSpec spec, String label, String heading) {
    spec.usageMessage().synopsisSubcommandLabel(label).commandListHeading("%n" + heading + ":%n");
  }
}
