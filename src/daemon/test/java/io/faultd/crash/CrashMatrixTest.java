package io.faultd.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.testing.Requires;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

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

  private static final int AT_ONCE = 2;

  /** A process that ends for real costs the start of a JVM: at each so many-th instant. */
  private static final int STRIDE = 3;

  @TempDir Path base;

  private static List<Scenario> inProcessesOfTheirOwn() {
    return Scenario.wireless().stream()
        .filter(each ->
            List.of("cpu fullload", "process stop", "file append", "file move")
                .contains(each.name()))
        .toList();
  }

  /** In two JVMs side by side, each of which has half of them. */
  @TestFactory
  Stream<DynamicTest> leavesNothingWhateverHappensAtEachInstant() {
    List<Scenario> all = Scenario.wireless();
    List<DynamicTest> tests = new ArrayList<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE)) {
      for (int i = 0; i < AT_ONCE; i++) {
        Path folder = base.resolve("half" + i);
        int half = i;
        List<Scenario> share =
            all.stream().filter(each -> all.indexOf(each) % AT_ONCE == half).toList();
        Future<List<String>> lines = pool.submit(() -> tried(share, folder));
        share.forEach(each ->
            tests.add(DynamicTest.dynamicTest(each.name(), () -> judged(each, got(lines)))));
      }
    }
    return tests.stream();
  }

  /** Two scenarios side by side. */
  @TestFactory
  Stream<DynamicTest> endsForReal() {
    List<DynamicTest> tests = new ArrayList<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE)) {
      for (Scenario each : inProcessesOfTheirOwn()) {
        Path folder = base.resolve("own" + tests.size());
        Future<Integer> cut = pool.submit(() -> ended(each, folder));
        tests.add(
            DynamicTest.dynamicTest(
                each.name(), () -> note(each, Map.of("process ended", got(cut)))));
      }
    }
    return tests.stream();
  }

  private static List<String> tried(List<Scenario> scenarios, Path folder) throws Exception {
    Files.createDirectory(folder);
    String[] names = scenarios.stream().map(Scenario::name).toArray(String[]::new);
    return CrashProcess.run(folder, "trials", names);
  }

  private static void judged(Scenario scenario, List<String> all) {
    int begin = all.indexOf("SCENARIO\t" + scenario.name());
    assertTrue(begin >= 0, String.join("\n", all));
    List<String> rest = all.subList(begin + 1, all.size());
    List<String> lines = rest.stream().takeWhile(line -> !line.startsWith("SCENARIO")).toList();
    Map<String, Integer> cut = new TreeMap<>();
    for (String line : lines) {
      if (line.startsWith("CUT\t")) {
        String[] parts = line.split("\t", -1);
        cut.merge(parts[1], Integer.parseInt(parts[2]), Integer::sum);
      }
    }
    note(scenario, cut);
    assertTrue(lines.stream().noneMatch(line -> line.startsWith("FAIL")), String.join("\n", lines));
    assertTrue(lines.contains("DONE"), String.join("\n", lines));
    // a worker ends with the process that started it: its death is a matter of those below
    String least = scenario.held() ? "destroy" : "death";
    assertTrue(cut.getOrDefault(least, 0) > 0, String.join("\n", lines));
    boolean good = all.getLast().equals("EXIT 0");
    assertTrue(good || all.stream().anyMatch(line -> line.startsWith("FAIL")), all.getLast());
  }

  private static int ended(Scenario scenario, Path folder) throws Exception {
    Files.createDirectory(folder);
    int stride = scenario.held() ? 1 : Math.min(Trials.STRIDE, STRIDE);
    boolean died = true;
    int cut = 0;
    for (int instant = Math.floorMod(scenario.name().hashCode(), stride); died; instant += stride) {
      try (World world = World.made(folder.resolve("work"), scenario)) {
        SortedMap<String, String> before = world.fingerprint();
        List<String> lines =
            CrashProcess.run(
                folder,
                "halt",
                scenario.name(),
                Integer.toString(instant),
                numbers(world.bystanders()),
                numbers(world.doomed()));
        died = lines.getLast().equals(CrashProcess.KILLED);
        assertTrue(died || lines.getLast().equals("EXIT 0"), String.join("\n", lines));
        CrashProcess.recovered(folder);
        assertEquals(before, world.fingerprint(), "died at instant " + instant);
        cut += died ? 1 : 0;
      }
    }
    assertTrue(cut > 5 / stride, "instants: " + cut);
    return cut;
  }

  private static void note(Scenario scenario, Map<String, Integer> cut) {
    TABLE.computeIfAbsent(scenario.name(), name -> new TreeMap<>()).putAll(cut);
  }

  private static <T> T got(Future<T> outcome) throws Throwable {
    try {
      return outcome.get();
    } catch (ExecutionException e) {
      throw e.getCause();
    }
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
