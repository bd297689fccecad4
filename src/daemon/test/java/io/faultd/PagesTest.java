package io.faultd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the pages of docs/ say of the code is so. */
class PagesTest {
  private static final Path ROOT = Path.of(System.getProperty("faultd.root"));
  private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)(#[^)]*)?\\)");

  @Test
  void architectureHasThePackagesAndWhatTheyImport() throws IOException {
    Map<String, Set<String>> imports = new TreeMap<>();
    for (JavaClass type :
        new ClassFileImporter()
            .withImportOption(new DoNotIncludeTests())
            .importPackages("io.faultd")) {
      Set<String> of = imports.computeIfAbsent(part(type), part -> new TreeSet<>());
      for (Dependency each : type.getDirectDependenciesFromSelf()) {
        if (each.getTargetClass().getPackageName().startsWith("io.faultd")) {
          of.add(part(each.getTargetClass()));
        }
      }
      of.remove(part(type));
    }
    Map<String, Set<String>> told = new TreeMap<>();
    for (List<String> row : rows("docs/architecture.md", "| package |")) {
      told.put(
          bare(row.get(0)),
          Arrays.stream(row.get(2).split(", *", -1))
              .filter(part -> !part.isEmpty())
              .collect(Collectors.toCollection(TreeSet::new)));
    }
    assertEquals(Set.of("all"), told.put("root", imports.get("root")));
    assertEquals(imports, told);
  }

  private static String part(JavaClass type) {
    String[] parts = type.getPackageName().split("\\.", -1);
    return parts.length > 2 ? parts[2] : "root";
  }

  @Test
  void operationsHasTheSettingsAndTheirDefaults() throws IOException {
    Config defaults = Config.just(ConfigSources.classpath("faultd.yaml"));
    List<String> expected =
        Arrays.stream(Setting.values())
            .map(setting ->
                "%s %s %s"
                    .formatted(
                        setting.key(),
                        setting.variable(),
                        defaults.get(setting.key()).asString().orElse("")))
            .map(String::strip)
            .toList();
    List<String> told =
        rows("docs/operations.md", "| key |").stream()
            .map(row -> bare(row.get(0)) + " " + bare(row.get(1)) + " " + given(row.get(2)))
            .map(String::strip)
            .toList();
    assertEquals(String.join("\n", expected), String.join("\n", told));
  }

  /** What is in back quotes is a value, the rest says what is taken without one. */
  private static String given(String cell) {
    return cell.startsWith("`") ? bare(cell) : "";
  }

  @Test
  void linksLeadSomewhere() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
    try (Stream<Path> all = Files.walk(ROOT.resolve("docs"))) {
      all.filter(page -> page.toString().endsWith(".md")).forEach(pages::add);
    }
    for (Path page : pages) {
      Matcher link = LINK.matcher(Files.readString(page));
      while (link.find()) {
        Path target = page.resolveSibling(link.group(1));
        assertTrue(Files.exists(target), page + " links to " + link.group(1));
      }
    }
  }

  /** The cells of the rows below a header. */
  private static List<List<String>> rows(String page, String header) throws IOException {
    return Files.readAllLines(ROOT.resolve(page)).stream()
        .dropWhile(line -> !line.startsWith(header))
        .skip(2)
        .takeWhile(line -> line.startsWith("|"))
        .map(line -> line.substring(1, line.length() - 1).split("\\|", -1))
        .map(cells -> Arrays.stream(cells).map(String::strip).toList())
        .toList();
  }

  private static String bare(String cell) {
    return cell.replace("`", "");
  }
}
