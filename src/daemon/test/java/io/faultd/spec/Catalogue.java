package io.faultd.spec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * What a catalogue of ChaosBlade's actions says of them, as far as a machine can compare it: names,
 * aliases, flags, units, defaults. We keep these facts in a form of our own, a line for each action
 * with tabs between its parts; {@link #facts} makes them of the catalogue.
 *
 * <p>A flag is its name, with {@code !} if it is required, {@code ~} if it takes no value, {@code
 * :unit} and {@code =default}.
 */
final class Catalogue {
  private static final String GROUP = "group";
  private static final Pattern WORD = Pattern.compile("\\S+");
  private static final Pattern TOKEN = Pattern.compile("([^!~:=]+)(!?)(~?)(?::([^=]+))?(?:=(.*))?");

  /** Names of the flags of each group that several actions share. */
  final Map<String, Set<String>> groups = new TreeMap<>();

  final List<Entry> entries = new ArrayList<>();

  /** Reads facts. */
  Catalogue(List<String> facts) {
    for (String fact : facts) {
      String[] parts = fact.split("\t", -1);
      if (parts[0].equals(GROUP)) {
        groups.put(parts[1], new TreeSet<>(words(parts[2])));
      } else {
        List<Flag> flags = new ArrayList<>();
        words(parts[5]).forEach(word -> flags.add(flag(word, true)));
        words(parts[6]).forEach(word -> flags.add(flag(word, false)));
        entries.add(
            new Entry(
                parts[0],
                parts[2] + " " + parts[3],
                words(parts[4]),
                List.copyOf(flags),
                words(parts[7])));
      }
    }
  }

  /** The facts of the catalogue in a YAML file. */
  static List<String> facts(Path catalogue) throws IOException {
    Map<?, ?> root = map(yaml(catalogue));
    List<String> facts = new ArrayList<>();
    map(root.get("flag_groups"))
        .forEach((name, flags) ->
            facts.add(
                String.join(
                    "\t",
                    GROUP,
                    name.toString(),
                    maps(flags).stream()
                        .map(flag -> flag.get("name").toString())
                        .collect(Collectors.joining(" ")))));
    for (Map<?, ?> entry : maps(root.get("entries"))) {
      facts.add(
          String.join(
              "\t",
              text(entry, "scope"),
              text(entry, "executor"),
              text(entry, "target"),
              text(entry, "action"),
              joined(entry.get("aliases")),
              tokens(entry.get("matchers")),
              tokens(entry.get("flags")),
              joined(entry.get("groups"))));
    }
    return facts;
  }

  static Object yaml(Path file) throws IOException {
    return new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(file));
  }

  static Map<?, ?> map(@Nullable Object node) {
    return node instanceof Map<?, ?> map ? map : Map.of();
  }

  static List<Map<?, ?>> maps(@Nullable Object node) {
    List<Map<?, ?>> maps = new ArrayList<>();
    if (node instanceof List<?> list) {
      list.forEach(one -> maps.add(map(one)));
    }
    return maps;
  }

  static String text(Map<?, ?> node, String key) {
    Object value = node.get(key);
    return value == null ? "" : value.toString();
  }

  static boolean yes(Map<?, ?> node, String key) {
    return text(node, key).equals("true");
  }

  private static String joined(@Nullable Object list) {
    return list instanceof List<?> words
        ? words.stream().map(Object::toString).collect(Collectors.joining(" "))
        : "";
  }

  private static String tokens(@Nullable Object flags) {
    return maps(flags).stream().map(Catalogue::token).collect(Collectors.joining(" "));
  }

  private static String token(Map<?, ?> flag) {
    String unit = unit(flag);
    String initial =
        flag.get("default") == null ? text(flag, "effective_default") : text(flag, "default");
    return text(flag, "name")
        + (yes(flag, "required") ? "!" : "")
        + (yes(flag, "noArgs") ? "~" : "")
        + (unit.isEmpty() ? "" : ":" + unit)
        + (WORD.matcher(initial).matches() ? "=" + initial : ""); // others are prose
  }

  /** The unit of a bare number, which the catalogue tells in words. */
  private static String unit(Map<?, ?> flag) {
    String words = text(flag, "desc") + " " + text(flag, "valid");
    if (text(flag, "name").endsWith("percent") || words.contains("in percent")) {
      return "%";
    }
    if (says(words, "milliseconds")) {
      return "ms";
    }
    if (words.contains("plain number = us")) {
      return "us";
    }
    if (says(words, "seconds")) {
      return "s";
    }
    return says(words, "MB") && !yes(flag, "noArgs") ? "MB" : "";
  }

  private static boolean says(String words, String word) {
    return Arrays.asList(words.split("\\W+", -1)).contains(word);
  }

  private static List<String> words(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split(" ", -1));
  }

  private static Flag flag(String word, boolean matcher) {
    var match = TOKEN.matcher(word);
    if (!match.matches()) {
      throw new IllegalArgumentException(word);
    }
    return new Flag(
        match.group(1),
        matcher,
        !match.group(2).isEmpty(),
        match.group(3).isEmpty(),
        Objects.requireNonNullElse(match.group(4), ""),
        match.group(5));
  }

  /**
   * An action.
   *
   * @param scope host or cri
   * @param name target and action
   * @param aliases other names of the action
   * @param flags its own
   * @param groups of flags that it takes besides
   */
  record Entry(
      String scope, String name, List<String> aliases, List<Flag> flags, List<String> groups) {}

  /**
   * A flag.
   *
   * @param name as clients write it
   * @param matcher whether it says on what to act
   * @param required whether it must be there
   * @param argument whether it takes a value
   * @param unit of a bare number; empty: none
   * @param initial its default; absent: none, or one that the catalogue tells in prose
   */
  record Flag(
      String name,
      boolean matcher,
      boolean required,
      boolean argument,
      String unit,
      @Nullable String initial) {}
}
