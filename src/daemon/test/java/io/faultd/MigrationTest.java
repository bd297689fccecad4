package io.faultd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.spec.Specs;
import io.faultd.testing.Requires;
import io.faultd.v1.ExperimentServiceGrpc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/migration.md says that there is, there is. */
class MigrationTest {
  private static final Path ROOT = Path.of(System.getProperty("faultd.root"));
  private static final Pattern COMMAND = Pattern.compile("`faultd ([a-z-][^`]*)`");
  private static final Pattern REQUEST = Pattern.compile("`(GET|POST|DELETE) (/api/v1/[^`;, ]+)");
  private static final Pattern ORDER = Pattern.compile("`blade create (?:cri )?(\\w+) (\\w+)");
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
  @Requires("root")
  void eachCommandAndEachRequestIsTakenByADaemon(@TempDir Path home) throws Exception {
    Map<String, String> settings = Map.of("callbacks.allow", "http://127.0.0.1:1/");
    try (DaemonProcess daemon = new DaemonProcess(home, settings);
        Migrant migrant = new Migrant(home, daemon.http)) {
      Set<String> commands = new LinkedHashSet<>();
      all(COMMAND, page).forEach(match -> commands.add(match.group(1)));
      assertTrue(commands.size() > 25, commands::toString);
      for (String command : commands) {
        migrant.command(command);
      }
      Set<String> requests = new LinkedHashSet<>();
      all(REQUEST, page).forEach(match -> requests.add(match.group(1) + " " + match.group(2)));
      assertTrue(requests.size() > 12, requests::toString);
      for (String request : requests) {
        migrant.request(request);
      }
    }
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
