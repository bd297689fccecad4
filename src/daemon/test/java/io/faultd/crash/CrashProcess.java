package io.faultd.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.faultd.experiment.Experiment;
import io.faultd.experiment.Query;
import io.faultd.experiment.Status;
import io.faultd.linux.Boot;
import io.faultd.testing.Eventually;
import io.faultd.worker.Workers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A JVM of its own that can be cut at each instant, and what comes after its death. */
public final class CrashProcess {
  /** The last line of one that was killed. */
  public static final String KILLED = "EXIT 137";

  private CrashProcess() {}

  /**
   * Runs {@link CrashMain}.
   *
   * @param base its folder
   * @param arguments without the folder
   * @return what it prints, and how it ended
   */
  static List<String> run(Path base, String what, String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of(what, base.toString()));
    all.addAll(List.of(arguments));
    return run(base, CrashMain.class, "-Dfaultd.stride=" + Trials.STRIDE, all);
  }

  /**
   * Runs a program.
   *
   * @param base gets what it prints
   * @param option of its JVM
   * @return what it prints, and how it ended
   */
  public static List<String> run(Path base, Class<?> main, String option, List<String> arguments)
      throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + "/bin/java",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-Xmx256m",
                "-XX:-UsePerfData",
                "--enable-native-access=ALL-UNNAMED",
                "-Djnr.ffi.provider=" + CuttingProvider.class.getName(),
                option,
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(arguments);
    Path out = base.resolve("out");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    try {
      assertTrue(process.waitFor(Trials.STRIDE == 1 ? 60 : 15, TimeUnit.MINUTES), "does not end");
    } finally {
      process.destroyForcibly().waitFor();
    }
    List<String> lines = new ArrayList<>(Files.readAllLines(out));
    lines.add("EXIT " + process.exitValue());
    return lines;
  }

  /** A daemon is started on what another left; all ends, and can be destroyed once more. */
  static void recovered(Path base) throws Exception {
    try (Stand stand = Stand.open(base.resolve("data"), Boot.id())) {
      Workers.endOrphans(stand.store().instance(), null);
      stand.engine().recover();
      assertEquals("", Trials.unfinished(stand));
      String instance = "--instance=" + stand.store().instance();
      Eventually.eventually("no worker is left", () -> Verdict.workers(instance).isEmpty());
      Query all = new Query(null, null, null, null, null, Map.of(), 0, 100, false);
      for (Experiment each : stand.engine().list(all).toList()) {
        Experiment destroyed = stand.engine().destroy(each.uid(), false).experiment();
        assertEquals(Status.DESTROYED, destroyed.status(), destroyed.toString());
      }
    }
  }
}
