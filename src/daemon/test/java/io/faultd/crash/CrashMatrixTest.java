package io.faultd.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultd.testing.Requires;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The daemon dies before and after each durable write and each change, of every fault; and what
 * else can happen at each of these instants.
 *
 * <p>Most deaths are those of one JVM's part (see {@link Cuts}), as a process for each would take
 * an hour; {@link #endsForReal} shows with some that this is the same.
 */
@Requires("root")
class CrashMatrixTest {
  private static final SortedMap<String, Map<String, Integer>> TABLE = new TreeMap<>();

  @TempDir Path base;

  static List<Scenario> inOneProcess() {
    return Scenario.all().stream().filter(each -> !each.wired()).toList();
  }

  static List<Scenario> inProcessesOfTheirOwn() {
    return Scenario.all().stream()
        .filter(each ->
            List.of("cpu fullload", "process stop", "file append", "file move")
                .contains(each.name()))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("inOneProcess")
  void leavesNothingWhateverHappensAtEachInstant(Scenario scenario) throws Exception {
    List<String> lines = CrashProcess.run(base, "trials", scenario.name());
    Map<String, Integer> cut = new TreeMap<>();
    for (String line : lines) {
      if (line.startsWith("CUT\t")) {
        String[] parts = line.split("\t", -1);
        cut.merge(parts[1], Integer.parseInt(parts[2]), Integer::sum);
      }
    }
    TABLE.computeIfAbsent(scenario.name(), name -> new TreeMap<>()).putAll(cut);
    assertTrue(lines.stream().noneMatch(line -> line.startsWith("FAIL")), String.join("\n", lines));
    assertEquals("EXIT 0", lines.getLast(), String.join("\n", lines));
    // a worker ends with the process that started it: its death is a matter of those below
    String least = scenario.held() ? "destroy" : "death";
    assertTrue(cut.getOrDefault(least, 0) > 0, String.join("\n", lines));
  }

  @ParameterizedTest
  @MethodSource("inProcessesOfTheirOwn")
  void endsForReal(Scenario scenario) throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/kill")));
    boolean died = true;
    int cut = 0;
    for (int instant = 0; died; instant++) {
      try (World world = World.made(base.resolve("work"), scenario)) {
        SortedMap<String, String> before = world.fingerprint();
        List<String> lines =
            CrashProcess.run(
                base,
                "halt",
                scenario.name(),
                Integer.toString(instant),
                numbers(world.bystanders()),
                numbers(world.doomed()));
        died = lines.getLast().equals(CrashProcess.KILLED);
        assertTrue(died || lines.getLast().equals("EXIT 0"), String.join("\n", lines));
        CrashProcess.recovered(base);
        assertEquals(before, world.fingerprint(), "died at instant " + instant);
        cut += died ? 1 : 0;
      }
    }
    assertTrue(cut > 5, "instants: " + cut);
    TABLE.computeIfAbsent(scenario.name(), name -> new TreeMap<>()).put("process ended", cut);
  }

  private static String numbers(List<Integer> pids) {
    return pids.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  @AfterAll
  static void table() {
    int all = 0;
    for (Map.Entry<String, Map<String, Integer>> row : TABLE.entrySet()) {
      int sum = row.getValue().values().stream().mapToInt(Integer::intValue).sum();
      all += sum;
      System.out.println(
          Optional.of(row.getKey()).map("%-36s"::formatted).get() + sum + " " + row.getValue());
    }
    System.out.println("instants that were cut: " + all);
  }
}
