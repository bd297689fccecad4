package io.faultd.os.cpu;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Aim;
import io.faultd.fault.Claim;
import io.faultd.fault.Effect;
import io.faultd.fault.FaultException;
import io.faultd.fault.Hold;
import io.faultd.fault.Reason;
import io.faultd.linux.proc.Processors;
import io.faultd.linux.proc.Procfs;
import io.faultd.linux.proc.Stat;
import io.faultd.os.RecordedInjection;
import io.faultd.testing.Frozen;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CpuFullloadTest {
  private final RecordedInjection on = new RecordedInjection();

  @AfterEach
  void close() {
    on.close();
  }

  @Test
  void keepsOneProcessorFullUntilClosed() throws Exception {
    int last = Processors.online().getLast();
    inject(null, List.of(last), 100);
    assertEquals(List.of(Claim.cpuTime("root", last)), on.claims);
    assertEquals(List.of(new Aim("cpu", "" + last, "cpu " + last)), on.aims);
    eventually("settled", () -> effect().state() == Effect.State.SETTLED);
    Double achieved = effect().achieved();
    assertTrue(achieved != null && achieved >= 97, effect()::toString);
    assertEquals(100.0, effect().asked());
    // the kernel's own figure for the thread that burns
    long worker = worker();
    for (Stat task : Procfs.HOST.tasks((int) worker)) {
      if (task.name().startsWith("burn-")) {
        assertEquals(
            Integer.toString(last),
            Procfs.HOST.status(task.pid(), "Cpus_allowed_list").orElseThrow());
      }
    }
    on.close();
    assertTrue(Procfs.HOST.stat((int) worker).isEmpty());
    on.close();
  }

  /** Whoever is frozen by version 1 does not even end by SIGKILL. */
  @Test
  @Requires("freezer")
  void saysWhatIsLeftOfItWhileAFreezerKeepsItsWorker() throws Exception {
    inject(null, List.of(Processors.online().getLast()), 1);
    int worker = (int) worker();
    Hold hold = on.holds.getFirst();
    try (Frozen frozen = new Frozen(worker)) {
      frozen.tell(true);
      hold.close();
      assertEquals(Optional.of("worker " + worker + " does not end"), hold.left());
    }
    hold.close();
    assertEquals(Optional.empty(), hold.left());
    assertTrue(Procfs.HOST.stat(worker).isEmpty());
  }

  @Test
  void addsOnlyWhatIsMissing() throws Exception {
    int last = Processors.online().getLast();
    inject(null, List.of(last), 60);
    eventually("it shows 60 %", () -> shows("cpu" + last, 60, 1));
    eventually("settled, or told that others use more", () -> settledOrExceeded(60));
    on.close();
  }

  /** On a node where others use more than that there is nothing to add. */
  private boolean settledOrExceeded(double asked) {
    Double achieved = effect().achieved();
    return effect().state() == Effect.State.SETTLED
        || effect().state() == Effect.State.DEGRADED && achieved != null && achieved > asked;
  }

  @Test
  void isDegradedWithTheFigureWhileOthersUseMoreThanWasAskedFor() throws Exception {
    int last = Processors.online().getLast();
    Process others = pinned(last);
    try {
      inject(null, List.of(last), 40);
      eventually("degraded", () -> effect().state() == Effect.State.DEGRADED);
      Double achieved = effect().achieved();
      assertTrue(achieved != null && achieved >= 90, effect()::toString);
      String detail = String.valueOf(effect().detail());
      assertTrue(detail.startsWith("others use more than was asked for: "), detail);
    } finally {
      others.destroyForcibly().waitFor();
    }
  }

  @Test
  void isAsAskedOnAFullProcessorWhoeverElseFillsIt() throws Exception {
    int last = Processors.online().getLast();
    Process others = pinned(last);
    try {
      inject(null, List.of(last), 100);
      eventually("settled", () -> effect().state() == Effect.State.SETTLED);
    } finally {
      others.destroyForcibly().waitFor();
    }
  }

  /** Something that uses all that it gets of one processor. */
  private static Process pinned(int processor) throws IOException {
    return new ProcessBuilder(
            "taskset", "-c", Integer.toString(processor), "sh", "-c", "while :; do :; done")
        .start();
  }

  @Test
  void countsTheNodeAsAWholeUnlessProcessorsAreNamed() throws Exception {
    inject(null, List.of(), 40);
    eventually("it shows 40 % in all", () -> shows("cpu", 40, Processors.online().size()));
    on.close();
  }

  /**
   * Whether the kernel's own figures of the next two seconds show what was asked for; if others use
   * more than that, whether we add next to nothing.
   */
  private static boolean shows(String line, double asked, int processors) throws Exception {
    double[] seen = seen(line, processors);
    return Math.abs(seen[0] - asked) <= 4 || seen[0] > asked && seen[1] < 5;
  }

  /** What the kernel shows of the next two seconds, in percent: in all, and of the worker. */
  private static double[] seen(String line, int processors) throws Exception {
    ProcessHandle worker = ProcessHandle.of(worker()).orElseThrow();
    long[] before = usage(line);
    Duration own = worker.info().totalCpuDuration().orElseThrow();
    eventually("two seconds", () -> usage(line)[1] - before[1] > 200L * processors);
    long[] after = usage(line);
    double shown = 100.0 * (after[0] - before[0]) / (after[1] - before[1]);
    double added =
        worker.info().totalCpuDuration().orElseThrow().minus(own).toMillis()
            / 10.0
            / (after[1] - before[1])
            * 100;
    return new double[] {shown, added};
  }

  /** Best of three, for others come and go meanwhile. */
  @Test
  void isWithinAFewPointsOfWhatWasAskedForAllTheTime() throws Exception {
    int last = Processors.online().getLast();
    inject(null, List.of(last), 50);
    eventually("settled, or told that others use more", () -> settledOrExceeded(50));
    List<DoubleSummaryStatistics> tries = new ArrayList<>();
    do {
      DoubleSummaryStatistics errors = new DoubleSummaryStatistics();
      for (int window = 0; window < 5; window++) {
        errors.accept(error("cpu" + last, 50));
      }
      tries.add(errors);
    } while (tries.size() < 3 && !near(tries.getLast()));
    assertTrue(near(tries.getLast()), tries::toString);
  }

  private static boolean near(DoubleSummaryStatistics errors) {
    return errors.getAverage() <= 3 && errors.getMax() <= 8;
  }

  /**
   * How far the kernel's own figures of the next two seconds are from what was asked for, or from
   * what others use if that is more.
   */
  private static double error(String line, double asked) throws Exception {
    double[] seen = seen(line, 1);
    return Math.abs(seen[0] - Math.max(asked, seen[0] - seen[1]));
  }

  @Test
  void choosesAsManyProcessorsAsCounted() throws Exception {
    inject(1, List.of(), 20);
    assertEquals(1, on.claims.size());
    on.close();
  }

  @Test
  void climbsSlowly() throws Exception {
    int last = Processors.online().getLast();
    new CpuFullload()
        .inject(
            new CpuFullload.Params(
                null, List.of(last), 90, null, Duration.ofSeconds(60), null, false),
            on);
    assertEquals(Effect.State.RAMPING, effect().state());
    on.close();
  }

  @Test
  void isGoneWhenTheWorkerWasKilled() throws Exception {
    inject(null, List.of(Processors.online().getFirst()), 10);
    ProcessHandle.of(worker()).orElseThrow().destroyForcibly();
    eventually("gone", () -> effect().state() == Effect.State.GONE);
    assertTrue(String.valueOf(effect().detail()).contains("SIGKILL"), effect()::toString);
  }

  @Test
  void warnsOfFlagsThatMeanNothing() throws Exception {
    int first = Processors.online().getFirst();
    new CpuFullload()
        .inject(
            new CpuFullload.Params(1, List.of(first), 5, "1", null, "/sys/fs/cgroup", false), on);
    assertEquals(3, on.warnings.size(), on.warnings::toString);
  }

  @ParameterizedTest
  @MethodSource
  void refusesWhatCannotBe(CpuFullload.Params params, String field) {
    FaultException e =
        assertThrows(FaultException.class, () -> new CpuFullload().inject(params, on));
    assertEquals(Reason.ILLEGAL_PARAMETER, e.reason());
    assertEquals(Optional.of(field), e.field());
    assertTrue(on.holds.isEmpty());
  }

  static List<Object[]> refusesWhatCannotBe() {
    return List.of(
        new Object[] {params(null, List.of(), 0), "cpu-percent"},
        new Object[] {params(null, List.of(), 101), "cpu-percent"},
        new Object[] {params(null, List.of(), Double.NaN), "cpu-percent"},
        new Object[] {params(-1, List.of(), 50), "cpu-count"},
        new Object[] {params(null, List.of(4096), 50), "cpu-list"},
        new Object[] {
          new CpuFullload.Params(null, List.of(), 50, null, Duration.ofSeconds(601), null, false),
          "climb-time"
        });
  }

  private void inject(@Nullable Integer count, List<Integer> processors, double percent)
      throws Exception {
    new CpuFullload().inject(params(count, processors, percent), on);
  }

  private static CpuFullload.Params params(
      @Nullable Integer count, List<Integer> processors, double percent) {
    return new CpuFullload.Params(count, processors, percent, null, null, null, false);
  }

  private Effect effect() {
    return on.holds.getFirst().effect();
  }

  private static long worker() {
    return ProcessHandle.current()
        .children()
        .filter(ProcessHandle::isAlive)
        .map(ProcessHandle::pid)
        .filter(pid -> Procfs.HOST.arguments(pid.intValue()).contains("--uid=trial"))
        .findFirst()
        .orElseThrow();
  }

  /**
   * Busy and all ticks of a processor, or of all; what a hypervisor gave to others is in neither.
   */
  private static long[] usage(String processor) throws IOException {
    String line =
        Files.readAllLines(Path.of("/proc/stat")).stream()
            .filter(each -> each.startsWith(processor + " "))
            .findFirst()
            .orElseThrow();
    long[] sums = new long[2];
    String[] fields = line.split(" +", -1);
    for (int i = 1; i <= 7; i++) {
      sums[0] += i == 4 || i == 5 ? 0 : Long.parseLong(fields[i]);
      sums[1] += Long.parseLong(fields[i]);
    }
    return sums;
  }
}
