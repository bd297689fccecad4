package io.faultd.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.crash.CrashProcess;
import io.faultd.linux.proc.Procfs;
import io.faultd.linux.proc.Stat;
import io.faultd.testing.Container;
import io.faultd.testing.Containerd;
import io.faultd.testing.Eventually;
import io.faultd.testing.JvmImage;
import io.faultd.testing.Pod;
import io.faultd.testing.Surroundings;
import io.faultd.testing.WithContainerd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The container ends, and the daemon dies, before and after each durable write and each change of
 * actions in a container: of one of each kind at some of these instants, and with {@code
 * -Dfaultd.stride=1} of every action at each.
 */
@WithContainerd
class EachInstantTest {
  private static final int STRIDE = Integer.getInteger("faultd.stride", 23);
  private static final int NEVER = 1_000_000;
  private static final AtomicInteger HELD = new AtomicInteger();
  private static final SortedMap<String, Integer> TABLE = new TreeMap<>();

  @TempDir Path folder;

  /** What others hold until they notice that our process ends: here it ends for real. */
  static List<Harm> held() {
    return Harm.chosen().stream()
        .filter(each -> STRIDE == 1 ? held(each) : each.toString().equals("jvm delay"))
        .toList();
  }

  private static List<Harm> tried() {
    Set<String> some = Set.of("container pause", "file delete", "network limit", "jvm delay");
    return Harm.chosen().stream()
        .filter(each -> STRIDE == 1 || some.contains(each.toString()))
        .toList();
  }

  private static boolean held(Harm harm) {
    return harm.in() == Harm.Kind.JVM
        || harm.target().equals("cpu")
        // a table goes with the socket of the process; a queue is in the kernel
        || harm.target().equals("network") && !harm.toString().equals("network limit");
  }

  @Test
  void theContainerEnds(Containerd containerd) throws Exception {
    inOneProcess("killed", tried(), containerd);
  }

  /** What is held until the process ends is tried below. */
  @Test
  void theDaemonDies(Containerd containerd) throws Exception {
    inOneProcess("died", tried().stream().filter(each -> !held(each)).toList(), containerd);
  }

  private void inOneProcess(String what, List<Harm> harms, Containerd containerd) throws Exception {
    List<String> lines =
        run(
            what,
            containerd.name(),
            JvmImage.load(containerd, 25),
            folder.toString(),
            harms.stream().map(Harm::toString).collect(Collectors.joining(",")),
            "" + STRIDE);
    assertTrue(lines.stream().noneMatch(each -> each.startsWith("FAIL")), String.join("\n", lines));
    assertEquals("EXIT 0", lines.getLast(), String.join("\n", lines));
    for (Harm harm : harms) {
      int cut = cut(harm, lines);
      assertTrue(cut >= 2, harm + ": " + String.join("\n", lines)); // as it comes, and as it goes
      TABLE.put(harm + ": " + what, cut);
    }
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("held")
  void theProcessOfTheDaemonEnds(Harm harm, Containerd containerd) throws Exception {
    String image = JvmImage.load(containerd, 25);
    try (Pod pod = containerd.pod("held-" + HELD.incrementAndGet(), false)) {
      Container one = Harm.fresh(pod, "one", harm.in(), image);
      int all = cut(harm, halted(harm, one, NEVER)); // what stays behind a first attach is no leak
      Eventually.eventually("the agent is gone", () -> process(one).get("threads").equals("[]"));
      SortedMap<String, String> before = process(one);
      SortedMap<String, String> around = around(one);
      int cut = 0;
      for (int instant = Math.floorMod(harm.toString().hashCode(), STRIDE);
          instant < all;
          instant += STRIDE) {
        List<String> lines = halted(harm, one, instant);
        boolean died = lines.getLast().equals(CrashProcess.KILLED);
        assertTrue(died || lines.getLast().equals("EXIT 0"), String.join("\n", lines));
        if (goes(harm)) {
          Eventually.eventually("rules go with the daemon", () -> !harm.done().of(one));
        }
        Instants.recovered(containerd, folder.resolve("data"), harm);
        String at = harm + ", instant " + instant;
        Eventually.eventually(at + ": as before", () -> !harm.done().of(one));
        Eventually.eventually(at + ": " + process(one), () -> noMore(before, process(one)));
        Eventually.eventually(
            at + ": around it", () -> Surroundings.difference(around, around(one)).isEmpty());
        cut += died ? 1 : 0;
      }
      assertTrue(cut > 0, "of " + all);
      TABLE.put(harm + ": process ended", cut);
    }
  }

  /** Whether it is over with the process, on any kernel: others may wait for the next daemon. */
  private static boolean goes(Harm harm) {
    return harm.in() == Harm.Kind.JVM
        || harm.action().equals("network drop")
        || harm.target().equals("network") && harm.way().equals("in");
  }

  private static SortedMap<String, String> around(Container one) throws Exception {
    return Surroundings.of(one.runtime(), List.of(), List.of(one.pid()));
  }

  /** The same, but for files that were still being closed when it was looked at before. */
  private static boolean noMore(SortedMap<String, String> before, SortedMap<String, String> now) {
    int files = Integer.parseInt(before.getOrDefault("files", "0"));
    return now.get("threads").equals(before.get("threads"))
        && now.get("/tmp").equals(before.get("/tmp"))
        && Integer.parseInt(now.getOrDefault("files", "0")) <= files;
  }

  private List<String> halted(Harm harm, Container one, int instant) throws Exception {
    return run(
        "halt",
        one.runtime().name(),
        one.id(),
        folder.resolve("data").toString(),
        harm.toString(),
        "" + instant);
  }

  /** What a program that is unharmed has: its threads, how many files are open, what is in /tmp. */
  private static SortedMap<String, String> process(Container one) throws IOException {
    SortedMap<String, String> seen = new TreeMap<>();
    Path process = Path.of("/proc/" + one.pid());
    try (Stream<Path> files = Files.list(process.resolve("fd"));
        Stream<Path> left = Files.list(one.file("/tmp"))) {
      // itself it has none but that which it writes to
      seen.put(
          "files",
          ""
              + files
                  .filter(each -> !link(each).contains("/tmp/shop"))
                  // the agent's jar, which is closed with the next collection
                  .filter(each -> !link(each).contains("/tmp/.faultd-"))
                  .filter(each -> !link(each).contains("/data/n"))
                  .count());
      seen.put("/tmp", left.map(each -> each.getFileName() + "").sorted().toList().toString());
    }
    seen.put(
        "threads",
        Procfs.HOST.tasks(one.pid()).stream()
            .map(Stat::name)
            .filter(name -> name.startsWith("faultd"))
            .toList()
            .toString());
    return seen;
  }

  private static String link(Path path) {
    try {
      return Files.readSymbolicLink(path).toString();
    } catch (IOException gone) {
      return "/tmp/shop";
    }
  }

  private static int cut(Harm harm, List<String> lines) {
    String start = "CUT\t" + harm + "\t";
    return lines.stream()
        .filter(each -> each.startsWith(start))
        .mapToInt(each -> Integer.parseInt(each.substring(start.length())))
        .sum();
  }

  private List<String> run(String... arguments) throws Exception {
    String option = "-Dfaultd.harm=" + Harm.NAME;
    return CrashProcess.run(folder, Instants.class, option, List.of(arguments));
  }

  @AfterAll
  static void table() {
    TABLE.forEach((what, cut) -> System.out.println("%-48s%d".formatted(what, cut)));
    System.out.println(
        "instants that were cut: " + TABLE.values().stream().mapToInt(Integer::intValue).sum());
  }
}
