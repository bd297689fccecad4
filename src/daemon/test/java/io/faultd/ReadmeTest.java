package io.faultd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.http.OpenApi;
import io.faultd.spec.ActionSpec;
import io.faultd.spec.CommonRules;
import io.faultd.spec.ContainerRules;
import io.faultd.spec.FlagSpec;
import io.faultd.spec.Specs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of faults in the README and the pages of docs/reference are those of the specs. */
class ReadmeTest {
  private static final Path README = Path.of(System.getProperty("faultd.root"), "README.md");
  private static final String BEGIN = "<!-- faults:";
  private static final String END = "<!-- end of faults -->";

  private static final Path REFERENCE =
      Path.of(System.getProperty("faultd.root"), "docs", "reference");
  private static final Path DESCRIPTION =
      Path.of(System.getProperty("faultd.root"), "src/daemon/main/resources/openapi.yaml");
  private static final Specs SPECS = Specs.load(null);

  @Test
  void hasTheFaultsOfTheSpecs() throws IOException {
    String text = Files.readString(README);
    int begin = text.indexOf('\n', text.indexOf(BEGIN)) + 1;
    int end = text.indexOf(END);
    if (Boolean.getBoolean("faultd.write")) {
      Files.writeString(README, text.substring(0, begin) + table() + text.substring(end));
    } else {
      assertEquals(table(), text.substring(begin, end), "-Dfaultd.write=true writes it anew");
    }
  }

  private static String table() {
    return "| fault | | needs | undo |\n|---|---|---|---|\n"
        + SPECS.entries().stream().map(entry -> row(entry.spec())).collect(Collectors.joining());
  }

  private static String row(ActionSpec spec) {
    return "| `%s %s` | %s | %s | %s |\n"
        .formatted(
            spec.target(), spec.action(), spec.desc(), String.join(", ", needs(spec)), undo(spec));
  }

  private static List<String> needs(ActionSpec spec) {
    return spec.needs().isEmpty() ? List.of("–") : spec.needs();
  }

  private static String undo(ActionSpec spec) {
    String without =
        spec.flags().stream()
            .filter(flag -> flag.undo().equals("none"))
            .map(FlagSpec::name)
            .map(name -> "`" + name + "`")
            .collect(Collectors.joining(", "));
    return without.isEmpty() ? spec.undo() : spec.undo() + "; with " + without + ": none";
  }

  @Test
  void theDescriptionOfRestIsThatOfRoutesAndSpecs() throws IOException {
    String text = OpenApi.text(SPECS);
    if (Boolean.getBoolean("faultd.write")) {
      Files.writeString(DESCRIPTION, text);
    } else {
      assertEquals(text, Files.readString(DESCRIPTION), "-Dfaultd.write=true writes it anew");
    }
  }

  @Test
  void theReferenceHasAPageForEachTargetAndNoOther() throws IOException {
    Map<String, String> pages = pages();
    if (Boolean.getBoolean("faultd.write")) {
      Files.createDirectories(REFERENCE);
      for (String old : pageNames()) {
        Files.delete(REFERENCE.resolve(old));
      }
      for (Map.Entry<String, String> page : pages.entrySet()) {
        Files.writeString(REFERENCE.resolve(page.getKey()), page.getValue());
      }
    }
    assertEquals(pages.keySet(), pageNames());
    for (Map.Entry<String, String> page : pages.entrySet()) {
      assertEquals(
          page.getValue(),
          Files.readString(REFERENCE.resolve(page.getKey())),
          "-Dfaultd.write=true writes it anew");
    }
  }

  @Test
  void theExamplesOfTheReferenceAreOrdersThatAreTaken() {
    for (Specs.Entry entry : SPECS.entries()) {
      Map<String, String> flags = Reference.example(entry.spec());
      assertTrue(entry.binder().bind(flags) != null, entry.spec().type());
    }
  }

  private static Set<String> pageNames() throws IOException {
    try (Stream<Path> files = Files.list(REFERENCE)) {
      return files
          .map(file -> file.getFileName().toString())
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private static Map<String, String> pages() {
    Map<String, List<ActionSpec>> targets =
        SPECS.all().stream()
            .collect(Collectors.groupingBy(ActionSpec::target, TreeMap::new, Collectors.toList()));
    Set<ActionSpec> planned = Set.copyOf(SPECS.planned());
    Map<String, String> pages = new TreeMap<>();
    targets.forEach(
        (target, specs) -> pages.put(target + ".md", new Reference(planned).page(target, specs)));
    pages.put(
        "README.md",
        new Reference(planned).index(targets, CommonRules.flags(), ContainerRules.flags()));
    return pages;
  }
}
