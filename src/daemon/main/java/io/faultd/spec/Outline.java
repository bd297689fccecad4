package io.faultd.spec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * Specs as a command line needs them: read in a fifth of the time that {@link Specs} takes, for
 * nothing is checked, no class of a fault is looked at, and actions are read of those targets only
 * that are asked for.
 */
public final class Outline {
  private static final String ACTIONS = "\nactions:";

  private final Map<String, String> texts;
  private final SequencedMap<String, Target> targets;

  private Outline(Map<String, String> texts, SequencedMap<String, Target> targets) {
    this.texts = texts;
    this.targets = targets;
  }

  /** Reads which targets there are of our own. */
  public static Outline load() {
    return load(null);
  }

  /**
   * Reads which targets there are.
   *
   * @param folder files that add actions to our own, or replace some; absent: none
   * @throws SpecException if one of these cannot be read at all
   */
  public static Outline load(@Nullable Path folder) {
    try {
      Map<String, String> texts = new LinkedHashMap<>(Specs.own());
      if (folder != null) {
        texts.putAll(Specs.inFolder(folder, folder.toString()));
      }
      SequencedMap<String, Target> targets = new TreeMap<>();
      texts.forEach((file, text) -> {
        int actions = text.indexOf(ACTIONS);
        Map<?, ?> head = map(yaml(file, actions < 0 ? text : text.substring(0, actions)));
        Target target =
            new Target(
                text(head, "target"),
                texts(head, "aliases"),
                text(head, "desc"),
                texts(head, "scopes"),
                List.of(file));
        targets.merge(target.name(), target, Target::and);
      });
      return new Outline(texts, targets);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every target, sorted by name. */
  public List<Target> targets() {
    return List.copyOf(targets.values());
  }

  /** The target of that name or alias. */
  public Optional<Target> target(String name) {
    return targets.values().stream()
        .filter(target -> target.name().equals(name) || target.aliases().contains(name))
        .findFirst();
  }

  /** What can be done to a target, in the order of its file. */
  public List<Action> actions(Target target) {
    SequencedMap<String, Action> actions = new LinkedHashMap<>();
    for (String file : target.files()) {
      read(file, target).forEach(action -> actions.put(action.name(), action));
    }
    return List.copyOf(actions.values());
  }

  private List<Action> read(String name, Target target) {
    List<Action> actions = new ArrayList<>();
    Map<?, ?> file = map(yaml(name, Objects.requireNonNull(texts.get(name))));
    for (Object node : list(file, "actions")) {
      Map<?, ?> action = map(node);
      List<FlagSpec> flags = new ArrayList<>();
      for (String group : List.of("matchers", "flags")) {
        list(action, group).forEach(flag -> flags.add(flag(map(flag), group.equals("matchers"))));
      }
      List<String> scopes = texts(action, "scopes");
      actions.add(
          new Action(
              target.name(),
              text(action, "action"),
              texts(action, "aliases"),
              text(action, "desc"),
              scopes.isEmpty() ? target.scopes() : scopes,
              List.copyOf(flags)));
    }
    return actions;
  }

  private static FlagSpec flag(Map<?, ?> node, boolean matcher) {
    return new FlagSpec(
        text(node, "name"),
        text(node, "desc"),
        FlagNames.type(text(node, "type")).orElse(FlagType.TEXT),
        matcher,
        text(node, "required").equals("true"),
        optional(node, "unit"),
        number(node, "min"),
        number(node, "max"),
        texts(node, "values"),
        optional(node, "default"),
        texts(node, "requires"),
        texts(node, "excludes"),
        texts(node, "one-of"),
        text(node, "undo"));
  }

  private static Object yaml(String file, String text) {
    try {
      return new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
    } catch (YAMLException e) {
      throw new SpecException(file, "", "is not YAML: " + e.getMessage());
    }
  }

  private static Map<?, ?> map(@Nullable Object node) {
    return node instanceof Map<?, ?> map ? map : Map.of();
  }

  private static List<?> list(Map<?, ?> node, String key) {
    return node.get(key) instanceof List<?> list ? list : List.of();
  }

  private static List<String> texts(Map<?, ?> node, String key) {
    return list(node, key).stream().map(String::valueOf).toList();
  }

  private static String text(Map<?, ?> node, String key) {
    return Objects.requireNonNullElse(optional(node, key), "");
  }

  private static @Nullable String optional(Map<?, ?> node, String key) {
    Object value = node.get(key);
    return value == null ? null : value.toString();
  }

  private static @Nullable Double number(Map<?, ?> node, String key) {
    String text = optional(node, key);
    return text == null ? null : Double.valueOf(text);
  }

  /**
   * What can be broken.
   *
   * @param name what it is called
   * @param aliases other names
   * @param desc a few words
   * @param scopes where its actions work unless they say otherwise
   * @param files where its actions are; what a later one says of an action counts
   */
  public record Target(
      String name, List<String> aliases, String desc, List<String> scopes, List<String> files) {
    private Target and(Target more) {
      return new Target(
          name, aliases, desc, scopes, Stream.concat(files.stream(), more.files.stream()).toList());
    }
  }

  /**
   * How.
   *
   * @param target what it breaks
   * @param name what it is called
   * @param aliases other names
   * @param desc one sentence
   * @param scopes where: host, cri
   * @param flags its own flags; the common ones are not among them
   */
  public record Action(
      String target,
      String name,
      List<String> aliases,
      String desc,
      List<String> scopes,
      List<FlagSpec> flags) {}
}
