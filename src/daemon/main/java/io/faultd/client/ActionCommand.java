package io.faultd.client;

import io.faultd.spec.CommonRules;
import io.faultd.spec.ContainerRules;
import io.faultd.spec.FlagSpec;
import io.faultd.spec.FlagType;
import io.faultd.spec.Outline;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** One action as a command: each flag of its spec is an option. */
final class ActionCommand {
  /** What a shell takes as it stands: the script for completion has values in it. */
  private static final Predicate<String> PLAIN =
      Pattern.compile("[a-zA-Z0-9_.+:/-]+").asMatchPredicate();

  private final Outline.Action action;

  /** Names of options, and the flags that they stand for. */
  private final Map<String, String> flags = new LinkedHashMap<>();

  private ActionCommand(Outline.Action action) {
    this.action = action;
  }

  /**
   * The command of an action.
   *
   * @param own what the command has besides the flags; where an action has a flag of that name, the
   *     option is called {@code --client-NAME}
   * @param without common flags that make no sense with it
   */
  static CommandSpec spec(Outline.Action action, List<OptionSpec> own, Set<String> without) {
    ActionCommand command = new ActionCommand(action);
    CommandSpec spec = Options.described(CommandSpec.wrapWithoutInspection(command), action.desc());
    spec.name(action.name()).aliases(action.aliases().toArray(String[]::new));
    command.fill(spec, own, without);
    return spec;
  }

  /** The command that was parsed; refuses if the target or the action is missing. */
  static ActionCommand of(ParseResult result) {
    if (result.commandSpec().userObject() instanceof ActionCommand command) {
      return command;
    }
    throw Options.wrong(result, "what to do is missing: " + result.commandSpec().qualifiedName());
  }

  Outline.Action action() {
    return action;
  }

  /** The flags that were given, as the daemon takes them. */
  Map<String, String> flags(ParseResult result) {
    Map<String, String> given = new LinkedHashMap<>();
    flags.forEach((option, flag) -> {
      String value = Options.value(result, option);
      if (value != null) {
        given.put(flag, value);
      }
    });
    return given;
  }

  /** The name under which the command has an option of its own. */
  String own(String option) {
    return flags.containsKey(option) ? "--client-" + option.substring(2) : option;
  }

  private void fill(CommandSpec spec, List<OptionSpec> own, Set<String> without) {
    add(spec, "What it is done to", action.flags().stream().filter(FlagSpec::matcher).toList());
    add(spec, "How", action.flags().stream().filter(flag -> !flag.matcher()).toList());
    if (action.scopes().contains("cri")) {
      boolean only = !action.scopes().contains("host");
      add(
          spec,
          only ? "In which container" : "In which container, with --scope cri",
          ContainerRules.flags());
    }
    List<OptionSpec> common = new ArrayList<>();
    CommonRules.flags().stream()
        .filter(flag -> !without.contains(flag.name()))
        .forEach(flag -> common.add(option(flag)));
    for (OptionSpec each : own) {
      List<String> names = new ArrayList<>();
      for (String name : each.names()) {
        names.add(own(name));
      }
      common.add(OptionSpec.builder(each).names(names.toArray(String[]::new)).build());
    }
    Sections.add(spec, "The experiment", common);
  }

  private void add(CommandSpec spec, String heading, List<FlagSpec> group) {
    if (!group.isEmpty()) {
      Sections.add(spec, heading, group.stream().map(this::option).toList());
    }
  }

  private OptionSpec option(FlagSpec flag) {
    String name = "--" + flag.name();
    flags.put(name, flag.name());
    OptionSpec.Builder option =
        OptionSpec.builder(name)
            .type(String.class)
            .required(flag.required())
            .paramLabel(label(flag))
            .description(described(flag));
    if (flag.type() == FlagType.SWITCH) {
      option.arity("0..1").fallbackValue("true").completionCandidates(List.of("true", "false"));
    } else if (!flag.values().isEmpty() && flag.values().stream().allMatch(PLAIN)) {
      option.completionCandidates(flag.values());
    }
    return option.build();
  }

  private static String label(FlagSpec flag) {
    if (!flag.values().isEmpty()) {
      return String.join("|", flag.values());
    }
    return switch (flag.type()) {
      case TEXT -> "TEXT";
      case SWITCH -> "true|false";
      case INTEGER, NUMBER -> "NUMBER";
      case DURATION -> "TIME";
      case SIZE -> "SIZE";
      case PATH -> "PATH";
      case MODE -> "MODE";
      case SIGNAL -> "SIGNAL";
      case TEXTS -> "TEXT,...";
      case NUMBERS -> "NUMBER,...";
    };
  }

  /** The description and what else the spec says, as "How long. [ms, from 0 to 600]". */
  private static String described(FlagSpec flag) {
    List<String> more = new ArrayList<>();
    if (flag.required()) {
      more.add("required");
    }
    if (flag.unit() != null) {
      more.add(flag.unit());
    }
    if (flag.min() != null) {
      more.add("from " + plain(flag.min()));
    }
    if (flag.max() != null) {
      more.add("up to " + plain(flag.max()));
    }
    if (flag.initial() != null) {
      more.add("default " + flag.initial());
    }
    List<String> others = flag.oneOf().stream().filter(n -> !n.equals(flag.name())).toList();
    names(more, "this or ", others, " or ");
    names(more, "with ", flag.requires(), " and ");
    names(more, "not with ", flag.excludes(), " or ");
    if (flag.undo().equals("none")) {
      more.add("cannot be undone");
    }
    return more.isEmpty() ? flag.desc() : flag.desc() + " [" + String.join(", ", more) + "]";
  }

  private static void names(List<String> more, String what, List<String> names, String between) {
    if (!names.isEmpty()) {
      more.add(names.stream().map(n -> "--" + n).collect(Collectors.joining(between, what, "")));
    }
  }

  private static String plain(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }
}
