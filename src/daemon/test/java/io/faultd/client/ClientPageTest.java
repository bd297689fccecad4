package io.faultd.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.client.Node.Result;
import io.faultd.testing.Requires;
import io.faultd.testing.TargetJvm;
import io.faultd.testing.Victim;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What docs/client.md shows is run as it stands there. */
@Requires("root")
class ClientPageTest {
  private static final Path PAGE = Path.of(System.getProperty("faultd.root"), "docs", "client.md");
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```sh\\n(.*?)^```$");

  @TempDir static Path folder;
  private static Node node;

  @BeforeAll
  static void start() throws Exception {
    node = new Node(folder).start();
    Files.writeString(folder.resolve("tests.sh"), "#!/bin/sh\nexit 0\n");
    assertTrue(folder.resolve("tests.sh").toFile().setExecutable(true));
    Files.createSymbolicLink(folder.resolve("faultd"), node.launcher());
  }

  @AfterAll
  static void end() throws Exception {
    node.close();
  }

  @TestFactory
  List<DynamicTest> everyBlockOfCommandsEndsWell() throws Exception {
    List<DynamicTest> tests = new ArrayList<>();
    for (String block : blocks()) {
      String name =
          block.lines().filter(line -> line.contains("faultd ")).findFirst().orElseThrow();
      tests.add(DynamicTest.dynamicTest(name, () -> run(block)));
    }
    return tests;
  }

  private static void run(String block) throws Exception {
    try (Victim victim = Victim.sleeping(Victim.tag());
        TargetJvm jvm = block.contains("$JVM") ? TargetJvm.of(17) : null) {
      ProcessBuilder bash = node.client("").command("bash", "-euo", "pipefail", "-c", block);
      Map<String, String> environment = bash.environment();
      environment.put("PATH", folder + ":" + environment.get("PATH"));
      environment.put("PID", Integer.toString(victim.pid()));
      environment.put("JVM", jvm == null ? "" : Integer.toString(jvm.pid()));
      Result result = node.run(bash);
      assertEquals(0, result.code(), () -> block + result.out() + result.err());
      assertTrue(victim.runs(), "nothing is left in place");
      assertFalse(node.faultd("status", "--status=Success").out().contains("Success"));
    }
  }

  @Test
  void everyCommandIsShown() throws Exception {
    String shown = String.join("\n", blocks());
    for (String command : Client.commands().keySet()) {
      assertTrue(shown.contains("faultd " + command + " "), command);
    }
  }

  @Test
  void theExitCodesAreThoseOfTheProgram() throws Exception {
    String expected =
        Arrays.stream(Outcome.values())
            .filter(outcome -> outcome != Outcome.OK)
            .map(outcome -> "| %d | %d |".formatted(outcome.code(), outcome.codeOfRun()))
            .collect(Collectors.joining("\n"));
    String told =
        Files.readAllLines(PAGE).stream()
            .filter(line -> line.matches("\\| [1-5] \\| 12[1-4] \\|.*"))
            .map(line -> line.replaceAll("^(\\| . \\| ... \\|).*", "$1"))
            .collect(Collectors.joining("\n"));
    assertEquals(expected, told);
  }

  private static List<String> blocks() throws Exception {
    Matcher match = BLOCK.matcher(Files.readString(PAGE));
    List<String> blocks = new ArrayList<>();
    while (match.find()) {
      blocks.add(match.group(1));
    }
    assertFalse(blocks.isEmpty());
    return blocks;
  }
}
