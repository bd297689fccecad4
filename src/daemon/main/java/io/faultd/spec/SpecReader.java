package io.faultd.spec;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.YAMLException;

/** Reads one spec file, key by key: what is not known is refused. */
final class SpecReader {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z][a-zA-Z0-9_-]{0,63}");
  private static final Pattern FLAG = Pattern.compile("[a-z][a-zA-Z0-9]*([-_][a-zA-Z0-9]+)*");
  private static final Set<String> FILE_KEYS =
      Set.of("target", "aliases", "desc", "scopes", "actions");
  private static final Set<String> ACTION_KEYS =
      Set.of(
          "action",
          "class",
          "aliases",
          "desc",
          "scopes",
          "undo",
          "resumable",
          "needs",
          "engines",
          "matchers",
          "flags");
  private static final Set<String> FLAG_KEYS =
      Set.of(
          "name",
          "desc",
          "type",
          "unit",
          "min",
          "max",
          "values",
          "required",
          "default",
          "requires",
          "excludes",
          "one-of",
          "undo");

  private final String file;

  private SpecReader(String file) {
    this.file = file;
  }

  /** The actions of one file, checked in themselves and, where they are there, against classes. */
  static List<Specified> read(String file, String yaml) {
    return new SpecReader(file).actions(yaml);
  }

  private List<Specified> actions(String yaml) {
    SpecNode root;
    try {
      root = SpecNode.of(yaml);
    } catch (YAMLException e) {
      throw new SpecException(file, "", "not YAML: " + e.getMessage());
    }
    onlyKeys(root, FILE_KEYS);
    name(root.get("target"), NAME);
    text(root.get("desc"));
    List<Specified> actions = new ArrayList<>();
    for (SpecNode action : nodes(root.get("actions"))) {
      onlyKeys(action, ACTION_KEYS);
      String key = action.key() + " (" + name(action.get("action"), NAME) + ")";
      ActionSpec spec = action(root, action);
      actions.add(new Specified(spec, new Components(file, key).entry(spec)));
    }
    if (actions.isEmpty()) {
      throw wrong(root.get("actions"), "must have at least one action");
    }
    return actions;
  }

  private ActionSpec action(SpecNode root, SpecNode node) {
    List<FlagSpec> flags = new ArrayList<>();
    for (String group : List.of("matchers", "flags")) {
      for (SpecNode flag : nodes(node.get(group))) {
        flags.add(flag(flag, group.equals("matchers")));
      }
    }
    checkReferences(node, flags);
    List<String> scopes =
        scopes(node.get("scopes").exists() ? node.get("scopes") : root.get("scopes"));
    for (FlagSpec flag : flags) {
      require(
          !scopes.contains("cri") || !ContainerRules.names().contains(flag.name()),
          node,
          "every action in containers has " + flag.name());
    }
    return new ActionSpec(
        name(root.get("target"), NAME),
        name(node.get("action"), NAME),
        scopes,
        names(node.get("aliases")),
        names(root.get("aliases")),
        text(node.get("desc")),
        text(node.get("class")),
        oneOf(node.get("undo"), List.of("exact", "none")),
        flip(node.get("resumable"), true),
        strings(node.get("needs")),
        nodes(node.get("engines")).stream().map(this::engine).toList(),
        List.copyOf(flags),
        executor());
  }

  private EngineSpec engine(SpecNode node) {
    onlyKeys(node, Set.of("name", "needs"));
    return new EngineSpec(name(node.get("name"), NAME), strings(node.get("needs")));
  }

  /** The folder that the file is in; what is in no such folder is of the node itself. */
  private String executor() {
    String[] parts = file.split("/", -1);
    String folder = parts.length > 1 ? parts[parts.length - 2] : "";
    return Specs.EXECUTORS.contains(folder) ? folder : Specs.EXECUTORS.getFirst();
  }

  private FlagSpec flag(SpecNode node, boolean matcher) {
    onlyKeys(node, FLAG_KEYS);
    FlagType type = FlagNames.type(oneOf(node.get("type"), FlagNames.words())).orElseThrow();
    FlagSpec flag =
        new FlagSpec(
            name(node.get("name"), FLAG),
            text(node.get("desc")),
            type,
            matcher,
            flip(node.get("required"), false),
            optional(node.get("unit")),
            number(node.get("min")),
            number(node.get("max")),
            strings(node.get("values")),
            optional(node.get("default")),
            strings(node.get("requires")),
            strings(node.get("excludes")),
            strings(node.get("one-of")),
            node.get("undo").exists() ? oneOf(node.get("undo"), List.of("none")) : "");
    checkUnit(node, flag);
    checkLimits(node, flag);
    return flag;
  }

  private void checkUnit(SpecNode node, FlagSpec flag) {
    String unit = Objects.requireNonNullElse(flag.unit(), "");
    SpecNode key = node.get("unit");
    switch (flag.type()) {
      case DURATION -> require(Units.ofTime(unit), key, "must be a unit of time: s, ms, ...");
      case SIZE -> require(Units.ofBytes(unit), key, "must be a unit of bytes: B, MiB, ...");
      case INTEGER, NUMBER -> {} // any word, or none
      case TEXT, SWITCH, PATH, MODE, SIGNAL, TEXTS, NUMBERS ->
          require(flag.unit() == null, key, "means nothing for this type");
    }
  }

  private void checkLimits(SpecNode node, FlagSpec flag) {
    boolean amount =
        switch (flag.type()) {
          case INTEGER, NUMBER, DURATION, SIZE, NUMBERS -> true;
          case TEXT, SWITCH, PATH, MODE, SIGNAL, TEXTS -> false;
        };
    boolean words =
        switch (flag.type()) {
          case TEXT, TEXTS, INTEGER -> true;
          case SWITCH, NUMBER, DURATION, SIZE, PATH, MODE, SIGNAL, NUMBERS -> false;
        };
    require(amount || flag.min() == null, node.get("min"), "means nothing for this type");
    require(amount || flag.max() == null, node.get("max"), "means nothing for this type");
    require(words || flag.values().isEmpty(), node.get("values"), "means nothing for this type");
    require(
        flag.min() == null || flag.max() == null || flag.min() <= flag.max(),
        node.get("max"),
        "must not be below min");
    require(
        !flag.required() || flag.initial() == null,
        node.get("default"),
        "means nothing for what is required");
    require(
        flag.type() != FlagType.SWITCH || !flag.required() && !"true".equals(flag.initial()),
        node.get("name"),
        "a switch is off by default and never required");
  }

  private void checkReferences(SpecNode node, List<FlagSpec> flags) {
    Set<String> names = new HashSet<>();
    Set<String> components = new HashSet<>();
    for (FlagSpec flag : flags) {
      require(names.add(flag.name()), node, "duplicate flag " + flag.name());
      require(components.add(flag.component()), node, "two flags for " + flag.component());
      require(!CommonRules.names().contains(flag.name()), node, "every action has " + flag.name());
    }
    for (FlagSpec flag : flags) {
      Stream.of(flag.requires(), flag.excludes(), flag.oneOf())
          .flatMap(List::stream)
          .forEach(other ->
              require(names.contains(other), node, flag.name() + " names no flag: " + other));
    }
  }

  private void onlyKeys(SpecNode node, Set<String> known) {
    require(node.isMap(), node, "must be keys with values");
    node.twice().ifPresent(name -> require(false, node.get(name), "is there twice"));
    for (SpecNode child : node.children()) {
      if (!known.contains(child.name())) {
        throw wrong(
            child, "unknown key" + Names.hint(child.name(), known.stream().sorted().toList()));
      }
    }
  }

  private List<SpecNode> nodes(SpecNode node) {
    if (!node.exists() || node.text().orElse("-").isEmpty()) {
      return List.of();
    }
    require(node.isList(), node, "must be a list");
    return node.children();
  }

  private List<String> strings(SpecNode node) {
    return nodes(node).stream().map(this::text).toList();
  }

  private List<String> names(SpecNode node) {
    return nodes(node).stream().map(one -> name(one, NAME)).toList();
  }

  private List<String> scopes(SpecNode node) {
    List<String> scopes =
        nodes(node).stream().map(one -> oneOf(one, List.of("host", "cri"))).toList();
    require(!scopes.isEmpty(), node, "must name a scope: host, cri");
    return scopes;
  }

  private String name(SpecNode node, Pattern form) {
    String name = text(node);
    require(
        !name.equals("true") && !name.equals("false"),
        node,
        "must be a name, in quotes if YAML reads it as " + name + ": on, off, yes, no");
    require(form.matcher(name).matches(), node, "must be a name: " + name);
    return name;
  }

  private String text(SpecNode node) {
    require(node.exists(), node, "is missing");
    return node.text().orElseThrow(() -> wrong(node, "must be a text"));
  }

  private @Nullable String optional(SpecNode node) {
    return node.exists() ? text(node) : null;
  }

  private String oneOf(SpecNode node, List<String> words) {
    String word = text(node);
    require(words.contains(word), node, "must be one of " + String.join(", ", words) + ": " + word);
    return word;
  }

  private boolean flip(SpecNode node, boolean absent) {
    return node.exists() ? oneOf(node, List.of("true", "false")).equals("true") : absent;
  }

  private @Nullable Double number(SpecNode node) {
    if (!node.exists()) {
      return null;
    }
    try {
      return Double.valueOf(text(node));
    } catch (NumberFormatException e) {
      throw wrong(node, "must be a number: " + text(node));
    }
  }

  private void require(boolean right, SpecNode node, String message) {
    if (!right) {
      throw wrong(node, message);
    }
  }

  private SpecException wrong(SpecNode node, String message) {
    return new SpecException(file, node.key(), message);
  }

  /**
   * What a file says of one action.
   *
   * @param spec as the file tells it
   * @param entry the same with its class; absent: there is no such class
   */
  record Specified(ActionSpec spec, Specs.@Nullable Entry entry) {}
}
