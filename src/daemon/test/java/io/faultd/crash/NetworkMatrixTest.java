package io.faultd.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Cable;
import io.faultd.testing.Eventually;
import io.faultd.testing.Requires;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@link CrashMatrixTest} for the network: on this node and in another namespace, tc(8) and nft(8)
 * print what they printed before, and packets come and go. At some instants; at each with {@code
 * -Dfaultd.stride=1}.
 */
@Requires({"root", "nftables", "nfqueue", "htb"})
class NetworkMatrixTest {
  private static final SortedMap<String, Integer> TABLE = new TreeMap<>();

  /** Each costs the start of a JVM. */
  private static final int STRIDE = Math.min(Trials.STRIDE * 2 - 1, 17);

  @TempDir Path base;

  static List<Scenario> killed() {
    return chosen(
        "network limit (earlier tree)",
        "network limit (container)",
        "network drop",
        "network loss (container)",
        "network delay");
  }

  private static List<Scenario> inOneProcess() {
    return chosen(
        "network limit (earlier tree)",
        "network limit (two members)",
        "network limit (in)",
        "network drop",
        "network loss",
        "network delay (container)");
  }

  /** These, and if all instants are tried all. */
  private static List<Scenario> chosen(String... names) {
    return NetworkScenarios.all().stream()
        .filter(each -> Trials.STRIDE == 1 || List.of(names).contains(each.name()))
        .toList();
  }

  @Test
  void leavesNothingWhateverHappensAtEachInstant() throws Exception {
    String[] names = inOneProcess().stream().map(Scenario::name).toArray(String[]::new);
    List<String> lines = CrashProcess.run(base, "trials", names);
    assertTrue(lines.stream().noneMatch(line -> line.startsWith("FAIL")), String.join("\n", lines));
    assertEquals("EXIT 0", lines.getLast(), String.join("\n", lines));
    List<String> tried = lines.stream().filter(each -> each.startsWith("SCENARIO\t")).toList();
    assertEquals(Stream.of(names).map("SCENARIO\t"::concat).toList(), tried);
    assertEquals(names.length, Collections.frequency(lines, "DONE"), String.join("\n", lines));
    for (String line : lines) {
      if (line.startsWith("CUT\t")) {
        String[] parts = line.split("\t", -1);
        TABLE.merge("in one process: " + parts[1], Integer.parseInt(parts[2]), Integer::sum);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("killed")
  void outlivesNoSigkill(Scenario scenario) throws Exception {
    boolean died = true;
    int cut = 0;
    try (Cable cable = Wiring.laid(base)) {
      for (int instant = Math.floorMod(scenario.name().hashCode(), STRIDE) % 8;
          died;
          instant += STRIDE) {
        died = killed(scenario, instant);
        cut += died ? 1 : 0;
      }
    }
    assertTrue(cut > 0, scenario.name());
    TABLE.put("killed: " + scenario.name(), cut);
  }

  /** Whether it came to that instant. */
  private boolean killed(Scenario scenario, int instant) throws Exception {
    try (World world = World.made(base.resolve("work"), scenario)) {
      SortedMap<String, String> before = world.fingerprint();
      List<String> lines =
          CrashProcess.run(base, "halt", scenario.name(), Integer.toString(instant), "", "");
      boolean died = lines.getLast().equals(CrashProcess.KILLED);
      assertTrue(died || lines.getLast().equals("EXIT 0"), String.join("\n", lines));
      String at = "killed at instant " + instant;
      if (scenario.held()) { // it needs no daemon to end
        Eventually.eventually(at, () -> before.equals(world.fingerprint()));
      }
      CrashProcess.recovered(base);
      assertEquals(before, world.fingerprint(), at);
      return died;
    }
  }

  @AfterAll
  static void table() {
    for (Map.Entry<String, Integer> row : TABLE.entrySet()) {
      System.out.println("%-48s%d".formatted(row.getKey(), row.getValue()));
    }
    System.out.println(
        "instants that were cut: " + TABLE.values().stream().mapToInt(Integer::intValue).sum());
  }
}
