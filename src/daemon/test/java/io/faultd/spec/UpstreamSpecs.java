package io.faultd.spec;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/** Reads spec files of ChaosBlade, whose form is another, and has no types and no ranges. */
final class UpstreamSpecs {
  private UpstreamSpecs() {}

  /**
   * What the files say of each action, a line with tabs between its parts: scope, target and
   * action, aliases, flags. A flag is its name, with {@code ~} if it takes no value, and {@code
   * :digest} of its description, which is theirs.
   */
  static List<String> facts(List<Path> files) throws IOException {
    List<String> facts = new ArrayList<>();
    for (Path file : files) {
      for (ActionSpec action : read(file)) {
        facts.add(
            String.join(
                "\t",
                action.scopes().getFirst(),
                action.target() + " " + action.action(),
                String.join(" ", action.aliases()),
                action.flags().stream()
                    .map(flag ->
                        flag.name()
                            + (flag.type() == FlagType.SWITCH ? "~" : "")
                            + ":"
                            + digest(flag.desc()))
                    .collect(Collectors.joining(" "))));
      }
    }
    return facts;
  }

  /** Tells one text from another. */
  static String digest(String text) {
    CRC32 sum = new CRC32();
    sum.update(text.getBytes(StandardCharsets.UTF_8));
    return "%08x".formatted(sum.getValue());
  }

  static List<ActionSpec> read(Path file) throws IOException {
    List<ActionSpec> specs = new ArrayList<>();
    for (Map<?, ?> item : Catalogue.maps(Catalogue.map(Catalogue.yaml(file)).get("items"))) {
      for (Map<?, ?> action : Catalogue.maps(item.get("actions"))) {
        specs.add(spec(item, action, file.toString().contains("cri") ? "cri" : "host"));
      }
    }
    return specs;
  }

  private static ActionSpec spec(Map<?, ?> item, Map<?, ?> action, String scope) {
    List<FlagSpec> flags = new ArrayList<>();
    for (String group : List.of("matchers", "flags")) {
      for (Map<?, ?> flag : Catalogue.maps(action.get(group))) {
        flags.add(flag(flag, group.equals("matchers")));
      }
    }
    List<String> aliases = new ArrayList<>();
    if (action.get("aliases") instanceof List<?> list) {
      list.forEach(alias -> aliases.add(alias.toString()));
    }
    return new ActionSpec(
        Catalogue.text(item, "target"),
        Catalogue.text(action, "action"),
        List.of(scope),
        aliases,
        List.of(),
        Catalogue.text(action, "shortDesc"),
        "",
        "exact",
        false,
        List.of(),
        List.of(),
        List.copyOf(flags),
        scope.equals("cri") ? "cri" : "os");
  }

  private static FlagSpec flag(Map<?, ?> flag, boolean matcher) {
    return new FlagSpec(
        Catalogue.text(flag, "name"),
        Catalogue.text(flag, "desc"),
        Catalogue.yes(flag, "noArgs") ? FlagType.SWITCH : FlagType.TEXT,
        matcher,
        Catalogue.yes(flag, "required"),
        null,
        null,
        null,
        List.of(),
        null,
        List.of(),
        List.of(),
        List.of(),
        "");
  }
}
