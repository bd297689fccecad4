package io.faultd.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Requires;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prometheus itself reads the alert rules, and fires each when it should and not before. */
class AlertRulesTest {
  private static final Path CASES = Tool.ROOT.resolve("src/e2e/prometheus/alerts-test.yaml");
  private static final Path RULES = Tool.ROOT.resolve("deploy/alerts.yaml");

  @TempDir Path folder;

  @Test
  @Requires("root")
  void eachAlertFiresWhenItShould() throws Exception {
    assertEquals(
        names(Pattern.compile("- alert: (\\w+)"), RULES),
        names(Pattern.compile("alertname: (\\w+)"), CASES),
        "each has a case");
    String promtool = unpacked("prometheus").resolve("usr/bin/promtool").toString();
    Tool.run(folder, Map.of(), promtool, "check", "rules", RULES.toString());
    String said = Tool.run(folder, Map.of(), promtool, "test", "rules", CASES.toString());
    assertTrue(said.contains("SUCCESS"), said);
  }

  private static Set<String> names(Pattern name, Path file) throws Exception {
    return name.matcher(Files.readString(file))
        .results()
        .map(match -> match.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** What a package of Debian has, without installing it: that would start a server. */
  private Path unpacked(String name) throws Exception {
    Tool.run(
        Files.createDirectories(folder.resolve("package")),
        Map.of(),
        "nsenter",
        "--net=/proc/" + Tool.maven() + "/ns/net",
        "apt-get",
        "-o",
        "APT::Sandbox::User=root",
        "download",
        name);
    try (var files = Files.list(folder.resolve("package"))) {
      Path archive =
          files.filter(file -> file.toString().endsWith(".deb")).findFirst().orElseThrow();
      Path content = folder.resolve("content");
      Tool.run(folder, Map.of(), "dpkg-deb", "-x", archive.toString(), content.toString());
      return content;
    }
  }
}
