package io.faultd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.client.Client;
import io.faultd.spec.Specs;
import io.faultd.v1.ExperimentServiceGrpc;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Model.CommandSpec;

/** What docs/migration.md says that there is, there is. */
class MigrationTest {
  private static final Path ROOT = Path.of(System.getProperty("faultd.root"));
  private static final Pattern COMMAND = Pattern.compile("`faultd ([a-z][^`]*)`");
  private static final Pattern ORDER = Pattern.compile("`blade create (?:cri )?(\\w+) (\\w+)");
  private static final Pattern OPTION = Pattern.compile("--[a-z-]+");
  private static final Pattern PATH = Pattern.compile("`?(GET|POST|DELETE) (/api/v1/[^`?;, ]+)");
  private static final Pattern RPC = Pattern.compile("`(faultd\\.v1\\.\\w+/\\w+)`");

  private final String page;

  MigrationTest() throws IOException {
    page = Files.readString(ROOT.resolve("docs/migration.md"));
  }

  private static List<MatchResult> all(Pattern pattern, String text) {
    return pattern.matcher(text).results().toList();
  }

  @Test
  void eachActionIsImplemented() {
    Set<String> implemented =
        Specs.load(null).entries().stream()
            .map(entry -> entry.spec().target() + " " + entry.spec().action())
            .collect(Collectors.toSet());
    Set<String> named = new LinkedHashSet<>();
    all(ORDER, page).forEach(match -> named.add(match.group(1) + " " + match.group(2)));
    assertFalse(named.isEmpty());
    named.removeAll(implemented);
    assertEquals(Set.of(), named);
  }

  @Test
  void eachCommandHasTheOptionsThatItIsGiven() {
    List<MatchResult> commands = all(COMMAND, page);
    assertFalse(commands.isEmpty());
    for (MatchResult command : commands) {
      String[] words = command.group(1).split(" ", -1);
      boolean order = words[0].equals("create") && !words[1].equals("...");
      String help =
          words[0].equals("serve") || words[0].equals("sweep")
              ? ""
              : order ? help(words[0], words[1], words[2]) : help(words[0]);
      for (MatchResult option : all(OPTION, command.group(1))) {
        boolean common = words.length > 1 && words[1].equals("...");
        String where = common ? help("create", "cpu", "fullload") : help;
        assertTrue(where.contains(option.group()), command.group(1) + ": " + option.group());
      }
    }
  }

  private static String help(String... words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> arguments = new ArrayList<>(List.of(words));
    arguments.add("--help");
    int code =
        new Client(
                CommandSpec::create,
                (process, signal) -> {},
                Map.of(),
                new PrintWriter(out),
                new PrintWriter(err))
            .run(arguments.toArray(String[]::new));
    assertEquals(0, code, err.toString());
    return out.toString();
  }

  @Test
  void eachPathIsDescribed() throws IOException {
    String described = Files.readString(ROOT.resolve("src/daemon/main/resources/openapi.yaml"));
    List<MatchResult> paths = all(PATH, page);
    assertFalse(paths.isEmpty());
    for (MatchResult path : paths) {
      String route = path.group(2).replaceAll("/(:uid|UID)$", "/{uid}");
      assertTrue(described.contains("\n  " + route + ":\n"), route);
    }
  }

  @Test
  void eachRpcIsServed() {
    Set<String> served =
        ExperimentServiceGrpc.getServiceDescriptor().getMethods().stream()
            .map(method -> method.getFullMethodName())
            .collect(Collectors.toSet());
    List<MatchResult> rpcs = all(RPC, page);
    assertFalse(rpcs.isEmpty());
    rpcs.forEach(rpc -> assertTrue(served.contains(rpc.group(1)), rpc.group(1)));
  }
}
