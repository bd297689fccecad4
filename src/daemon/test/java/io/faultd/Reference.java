package io.faultd;

import io.faultd.spec.ActionSpec;
import io.faultd.spec.EngineSpec;
import io.faultd.spec.FlagNames;
import io.faultd.spec.FlagSpec;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes the pages of docs/reference. */
public final class Reference {
  private static final String GENERATED =
      "<!-- made from the specs by ReadmeTest; -Dfaultd.write=true writes it anew -->\n";

  /** What stands in examples for a flag of that name. */
  private static final Map<String, String> SAMPLES =
      Map.ofEntries(
          Map.entry("classname", "com.example.Shop"),
          Map.entry("methodname", "price"),
          Map.entry("exception", "java.lang.IllegalStateException"),
          Map.entry("process", "shop.jar"),
          Map.entry("filepath", "/srv/shop/orders.csv"),
          Map.entry("file", "/srv/shop/start.sh"),
          Map.entry("function-name", "backup"),
          Map.entry("target", "/srv/elsewhere"),
          Map.entry("path", "/srv"),
          Map.entry("script-file", "/srv/shop/Fault.java"),
          Map.entry("content", "no space left"),
          Map.entry("domain", "shop.example"),
          Map.entry("ip", "192.0.2.1"),
          Map.entry("source-ip", "192.0.2.0/24"),
          Map.entry("service", "cron.service"),
          Map.entry("syscall-name", "openat"),
          Map.entry("return-value", "ENOENT"),
          Map.entry("rate", "10mbit"),
          Map.entry("offset", "-1h30m"),
          Map.entry("percent", "10"),
          Map.entry("pid", "4711"),
          Map.entry("port", "8080"),
          Map.entry("time", "3000"),
          Map.entry("value", "7"),
          Map.entry("code", "503"),
          Map.entry("uri", "http://shop:8080/cart"),
          Map.entry("url", "/cart/{id}"),
          Map.entry("requestPath", "/cart"),
          Map.entry("service-name", "cart"),
          Map.entry("topic", "orders"),
          Map.entry("index", "orders"),
          Map.entry("username", "alice"),
          Map.entry("servantname", "shop.server.obj"));

  private final Set<ActionSpec> planned;

  /**
   * Pages.
   *
   * @param planned what is not implemented
   */
  Reference(Set<ActionSpec> planned) {
    this.planned = planned;
  }

  /** The list of targets, and the flags that are not repeated on each page. */
  String index(
      Map<String, List<ActionSpec>> targets, List<FlagSpec> common, List<FlagSpec> container) {
    StringBuilder page = new StringBuilder();
    page.append("# Reference\n\n")
        .append(GENERATED)
        .append("\nEvery action that the specs name, by target. Those in italics are known, with ")
        .append("their flags, but not implemented: an order for one is a 422.\n\n")
        .append("| target | actions |\n|---|---|\n");
    targets.forEach((target, specs) ->
        page.append(
            "| [%s](%s.md) | %s |\n"
                .formatted(
                    target,
                    target,
                    specs.stream()
                        .map(spec ->
                            planned.contains(spec)
                                ? "*" + shown(spec.action()) + "*"
                                : spec.action())
                        .collect(Collectors.joining(", ")))));
    page.append("\n## Flags of every action\n\n").append(table(common));
    page.append("\n## Flags that say which container (scope `cri`)\n\n").append(table(container));
    return page.append(
            """

            ## Types

            | type | value |
            |---|---|
            | text, texts | any text; several, separated by commas |
            | switch | no value, `true` or `false` |
            | integer, number | a number; its unit may follow |
            | numbers | whole numbers and ranges: `80,8000-8080` |
            | duration | a time: a bare number in the flag's unit, or as `500ms`, `1m30s` |
            | size | bytes: a bare number in the flag's unit, or as `100MiB`, `2GB` |
            | path | an absolute path |
            | mode | three or four octal digits |
            | signal | number or name of a signal |
            """)
        .toString();
  }

  /** The page of one target. */
  String page(String target, List<ActionSpec> specs) {
    StringBuilder page = new StringBuilder();
    page.append("# %s\n\n%s\n".formatted(shown(target), GENERATED));
    if (!specs.getFirst().targetAliases().isEmpty()) {
      page.append("Also: %s. ".formatted(code(specs.getFirst().targetAliases())));
    }
    page.append("What all pages share is in the [list of targets](README.md).\n");
    specs.forEach(spec -> page.append(action(spec)));
    return page.toString();
  }

  private String action(ActionSpec spec) {
    List<String> facts = new ArrayList<>();
    if (planned.contains(spec)) {
      facts.add("**Not implemented in this version.**");
    }
    if (!spec.aliases().isEmpty()) {
      facts.add("Also: %s.".formatted(code(spec.aliases())));
    }
    facts.add("Scope: %s.".formatted(code(spec.scopes())));
    facts.add(spec.needs().isEmpty() ? "" : "Needs: %s.".formatted(code(spec.needs())));
    List<String> engines = spec.engines().stream().map(EngineSpec::name).toList();
    facts.add(
        engines.isEmpty() ? "" : "Engines, the first that there is: %s.".formatted(code(engines)));
    facts.add("Undo: %s.".formatted(spec.undo()));
    facts.removeIf(String::isEmpty);
    return "\n## %s %s\n\n%s\n\n%s\n\n%s\n```json\n%s\n```\n"
        .formatted(
            shown(spec.target()),
            shown(spec.action()),
            spec.desc(),
            String.join(" ", facts),
            spec.flags().isEmpty() ? "" : table(spec.flags()),
            body(spec))
        .replace("\n\n\n", "\n\n");
  }

  private static String table(List<FlagSpec> flags) {
    return "| flag | | type | default | values | rules |\n|---|---|---|---|---|---|\n"
        + flags.stream()
            .map(flag ->
                "| `%s` | %s | %s | %s | %s | %s |\n"
                    .formatted(
                        flag.name(),
                        shown(flag.desc()),
                        FlagNames.of(flag.type())
                            + (flag.unit() == null ? "" : " in " + flag.unit()),
                        flag.initial() == null ? "" : "`" + flag.initial() + "`",
                        values(flag),
                        rules(flag)))
            .collect(Collectors.joining());
  }

  private static String values(FlagSpec flag) {
    if (!flag.values().isEmpty()) {
      return code(flag.values());
    }
    if (flag.min() == null && flag.max() == null) {
      return "";
    }
    return (plain("from ", flag.min()) + plain(" to ", flag.max())).strip();
  }

  private static String rules(FlagSpec flag) {
    List<String> rules = new ArrayList<>();
    if (flag.required()) {
      rules.add("required");
    }
    if (!flag.oneOf().isEmpty()) {
      rules.add("one of %s is required".formatted(code(flag.oneOf())));
    }
    if (!flag.requires().isEmpty()) {
      rules.add("only with " + code(flag.requires()));
    }
    if (!flag.excludes().isEmpty()) {
      rules.add("not with " + code(flag.excludes()));
    }
    if (!flag.undo().isEmpty()) {
      rules.add("undo: " + flag.undo());
    }
    return String.join("; ", rules);
  }

  /** Flags of an order that is whole. */
  public static Map<String, String> example(ActionSpec spec) {
    Map<String, String> flags = new LinkedHashMap<>();
    for (FlagSpec flag : spec.flags()) {
      boolean first =
          flag.oneOf().indexOf(flag.name()) == 0
              && flag.oneOf().stream().noneMatch(flags::containsKey);
      if (flag.required() || first) {
        flags.put(flag.name(), sample(spec, flag));
      }
    }
    return flags;
  }

  private static String sample(ActionSpec spec, FlagSpec flag) {
    if (!flag.values().isEmpty()) {
      return flag.values().getFirst();
    }
    return switch (flag.type()) {
      case SWITCH -> "true";
      case MODE -> "600";
      case TEXT, TEXTS, PATH, SIGNAL ->
          flag.name().equals("process") && spec.executor().equals("os")
              ? "nginx: worker"
              : SAMPLES.getOrDefault(flag.name(), "example");
      case INTEGER, NUMBER, DURATION, SIZE, NUMBERS ->
          SAMPLES.getOrDefault(
              flag.name(), plain("", Math.max(10, Objects.requireNonNullElse(flag.min(), 0.0))));
    };
  }

  private static String body(ActionSpec spec) {
    return order(spec).entrySet().stream()
        .map(key -> "\"%s\": %s".formatted(key.getKey(), json(key.getValue())))
        .collect(Collectors.joining(", ", "{", "}"));
  }

  private static String json(Object value) {
    return value instanceof Map<?, ?> flags
        ? flags.entrySet().stream()
            .map(flag -> "\"%s\": \"%s\"".formatted(flag.getKey(), flag.getValue()))
            .collect(Collectors.joining(", ", "{", "}"))
        : "\"" + value + "\"";
  }

  /** An order that is whole, as the body of a request. */
  public static Map<String, Object> order(ActionSpec spec) {
    Map<String, Object> order = new LinkedHashMap<>();
    Map<String, String> flags = new LinkedHashMap<>();
    if (!spec.scopes().contains("host")) {
      order.put("scope", "cri");
      flags.put("container-name", "shop");
    }
    flags.putAll(example(spec));
    order.put("target", spec.target());
    order.put("action", spec.action());
    order.put("flags", flags);
    return order;
  }

  private static String plain(String before, @Nullable Double number) {
    return number == null
        ? ""
        : before + BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }

  private static String code(List<String> words) {
    return words.stream().map(word -> "`" + word + "`").collect(Collectors.joining(", "));
  }

  /** Text as Markdown shows it, within a cell of a table too. */
  private static String shown(String text) {
    return text.replace("<", "&lt;").replace("|", "\\|").replace("_", "\\_").replace("*", "\\*");
  }
}
