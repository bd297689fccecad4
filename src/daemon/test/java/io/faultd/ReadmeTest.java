package io.faultd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.faultd.spec.ActionSpec;
import io.faultd.spec.FlagSpec;
import io.faultd.spec.Specs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The table of faults in the README is that of the specs. */
class ReadmeTest {
  private static final Path README = Path.of(System.getProperty("faultd.root"), "README.md");
  private static final String BEGIN = "<!-- faults:";
  private static final String END = "<!-- end of faults -->";

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
        + Specs.load(null).entries().stream()
            .map(entry -> row(entry.spec()))
            .collect(Collectors.joining());
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
}
