package io.faultd.os.cpu;

import static io.faultd.testing.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.fault.Effect;
import io.faultd.fault.Effect.State;
import io.faultd.fault.Target;
import io.faultd.linux.proc.Processors;
import io.faultd.linux.proc.Procfs;
import io.faultd.linux.proc.Stat;
import io.faultd.os.RecordedInjection;
import io.faultd.testing.Cell;
import io.faultd.testing.Kernel;
import io.faultd.testing.Requires;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loads whose processors go offline, leave a cpuset or are given by another quota meanwhile. */
@Requires("root")
class ChangingProcessorsTest {
  private static final Path STAT = Path.of("/proc/stat");
  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final RecordedInjection on = new RecordedInjection();

  @TempDir Path folder;

  @AfterEach
  void close() {
    on.close();
  }

  private void inject(List<Integer> processors, double percent) throws Exception {
    new CpuFullload()
        .inject(new CpuFullload.Params(null, processors, percent, null, null, null, false), on);
  }

  private Effect effect() {
    return on.holds.getFirst().effect();
  }

  private boolean degraded(String why) {
    Effect effect = effect();
    return effect.state() == State.DEGRADED && String.valueOf(effect.detail()).contains(why);
  }

  /** The thread that burns a processor. */
  private static int burner(int processor) throws IOException {
    for (ProcessHandle child : ProcessHandle.current().children().toList()) {
      for (Stat task : Procfs.HOST.tasks((int) child.pid())) {
        if (task.name().equals("burn-" + processor)) {
          return task.pid();
        }
      }
    }
    throw new IOException("no burner of " + processor);
  }

  private static boolean only(int processor, int thread) {
    return Procfs.HOST
        .status(thread, "Cpus_allowed_list")
        .filter(list -> list.equals(Integer.toString(processor)))
        .isPresent();
  }

  /** Nanoseconds that a thread ran. */
  private static long ran(int thread) throws IOException {
    String text = Files.readString(Path.of("/proc/" + thread + "/schedstat"));
    return Long.parseLong(text.substring(0, text.indexOf(' ')));
  }

  /** How much of a processor something takes in the next two seconds. */
  private static double share(Counted counted) throws Exception {
    long before = counted.nanos();
    long begin = System.nanoTime();
    eventually("two seconds", () -> System.nanoTime() - begin > WINDOW_NANOS);
    return (double) (counted.nanos() - before) / (System.nanoTime() - begin);
  }

  /** Processor time. */
  private interface Counted {
    long nanos() throws IOException;
  }

  /** Processors are not taken offline here: the worker sees another /proc/stat. */
  @Test
  void nothingBurnsElsewhereForAProcessorThatIsOffline() throws Exception {
    int first = Processors.online().getFirst();
    int last = Processors.online().getLast();
    inject(List.of(last), 100);
    eventually("settled", () -> effect().state() == State.SETTLED);
    int thread = burner(last);
    Path without = folder.resolve("stat");
    Files.write(
        without,
        Files.readAllLines(STAT).stream().filter(l -> !l.startsWith("cpu" + last + " ")).toList());
    try (Kernel.Mounted there = Kernel.over(STAT, without)) {
      // as the kernel does with threads whose processor goes
      Processors.pin(thread, List.of(first));
      eventually("told: " + there, () -> degraded("nothing burns on cpus [" + last + "]"));
      double share = share(() -> ran(thread));
      assertTrue(share < 0.05, "it goes on elsewhere: " + share);
    }
    eventually("back where it belongs", () -> only(last, thread));
    eventually("settled again", () -> effect().state() == State.SETTLED);
    String detail = String.valueOf(effect().detail());
    assertTrue(detail.startsWith("cpus [" + last + "] were away until 20"), detail);
    double share = share(() -> ran(thread));
    assertTrue(share > 0.1, "it burns: " + share);
  }

  @Test
  void aBurnerThatWasPutElsewhereComesBack() throws Exception {
    int first = Processors.online().getFirst();
    int last = Processors.online().getLast();
    inject(List.of(last), 100);
    int thread = burner(last);
    eventually("where it belongs", () -> only(last, thread));
    Processors.pin(thread, List.of(first, last));
    eventually("back where it belongs", () -> only(last, thread));
  }

  @Test
  void processorsThatAreOfflineAreNotInTheMean() throws Exception {
    int first = Processors.online().getFirst();
    inject(List.of(), 60);
    Path one = folder.resolve("stat");
    long begin = System.nanoTime();
    write(one, first, begin);
    try (Kernel.Mounted there = Kernel.over(STAT, one)) {
      eventually(
          "what the other ones show: " + there,
          () -> {
            write(one, first, begin);
            Double achieved = effect().achieved();
            return degraded("nothing burns on cpus")
                && achieved != null
                && Math.abs(achieved - 60) < 3;
          });
    }
  }

  /** One processor, of whose time others have half, and we 60 % of the rest. */
  private static void write(Path stat, int processor, long begin) throws IOException {
    long ticks = (System.nanoTime() - begin) / 1_000_000;
    String text =
        "cpu  0 0 0 0 0 0 0 0 0 0\ncpu%d %d 0 0 %d 0 0 0 %d 0 0\nctxt"
            .formatted(processor, ticks * 6, ticks * 4, ticks * 10);
    try (RandomAccessFile file = new RandomAccessFile(stat.toFile(), "rw")) {
      // as long as before, so that no reader finds half of it
      file.write("%-200s\n".formatted(text).getBytes(StandardCharsets.US_ASCII));
    }
  }

  @Test
  void aQuotaThatChangesIsTheNewWholeAtOnce() throws Exception {
    try (Cell cell = new Cell();
        Target place = cell.place()) {
      on.place = place;
      cell.quota(0.2);
      inject(List.of(), 50);
      eventually("half of a fifth", () -> Math.abs(share(cell::used) - 0.1) < 0.03);
      cell.quota(0.4);
      eventually("half of two fifths", () -> Math.abs(share(cell::used) - 0.2) < 0.03);
      eventually("settled", () -> effect().state() == State.SETTLED);
      cell.quota(0.1);
      eventually("half of a tenth", () -> Math.abs(share(cell::used) - 0.05) < 0.02);
      long before = cell.throttled();
      double share = share(cell::used);
      long throttled = cell.throttled() - before;
      assertTrue(throttled < 10, "%d of 20 periods, %f".formatted(throttled, share));
      on.close();
    }
  }

  @Test
  void nothingBurnsElsewhereForAProcessorThatLeavesTheCpuset() throws Exception {
    int first = Processors.online().getFirst();
    int last = Processors.online().getLast();
    try (Cell cell = new Cell();
        Target place = cell.place()) {
      on.place = place;
      inject(List.of(last), 100);
      eventually("settled", () -> effect().state() == State.SETTLED);
      int thread = burner(last);
      cell.processors(Integer.toString(first));
      eventually("told", () -> degraded("cpu " + last + " cannot be used"));
      double share = share(cell::used);
      assertTrue(share < 0.1, "it goes on elsewhere: " + share);
      cell.processors(first + "," + last);
      eventually("back where it belongs", () -> only(last, thread));
      eventually("settled again", () -> effect().state() == State.SETTLED);
      on.close();
    }
  }
}
